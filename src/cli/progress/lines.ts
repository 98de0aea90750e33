import type { World } from '../command.ts';
import type { Terminal } from '../output/terminal.ts';
import type { View } from './view.ts';
import { epochText, lastingText, progressText } from './phrase.ts';

// A log is read later: what moves is told now and then.
const EVERY = 10_000;

/** Plain lines, for logs and CI. */
export function linesView({ note, errStyle }: Terminal, { now, signal }: Pick<World, 'now' | 'signal'>): View {
  let toldAt = now().getTime();
  return {
    report: (event) => {
      const lasting = lastingText(event, errStyle, signal.aborted);
      if (lasting !== null) return note(lasting);
      const isTime = now().getTime() - toldAt >= EVERY;
      if (event.type === 'epoch' && (isTime || event.epoch === event.epochs)) note(epochText(event));
      else if (event.type === 'progress' && isTime) note(progressText(event));
      else return;
      toldAt = now().getTime();
    },
    close: () => undefined,
  };
}
