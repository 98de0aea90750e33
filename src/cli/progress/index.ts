import type { World } from '../command.ts';
import type { Look } from '../global-options.ts';
import type { Terminal } from '../output/terminal.ts';
import { jsonLinesView } from './json-lines.ts';
import { linesView } from './lines.ts';
import { spinnerView } from './spinner.ts';
import type { View } from './view.ts';

/** The view that fits: JSON lines for programs, a spinner for a person, lines for a log. `--quiet` leaves warnings alone. */
export function createView(world: World, look: Look, terminal: Terminal): View {
  const view = chooseView(world, look, terminal);
  return {
    report: (event) => {
      world.listen?.(event);
      if (!look.quiet || event.type === 'warning' || event.type === 'waiting') view.report(event);
    },
    close: view.close,
  };
}

function chooseView(world: World, look: Look, terminal: Terminal): View {
  if (look.json) return jsonLinesView(terminal);
  const isForPerson =
    world.errIsTerminal && !look.quiet && world.env['CI'] === undefined && world.env['TERM'] !== 'dumb';
  return isForPerson ? spinnerView(terminal, world) : linesView(terminal, world);
}
