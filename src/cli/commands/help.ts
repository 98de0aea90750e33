import type { Command } from '../command.ts';
import { EXIT_CODE_MEANINGS } from '../exit-codes.ts';
import { findCommand } from '../find-command.ts';
import { commandHelp, groupHelp, mainHelp } from '../help.ts';
import { plainStyle, type Style } from '../output/style.ts';

/** What `mlops help` found: a text for each style. */
interface HelpResult {
  readonly topic: string | null;
  readonly text: string;
  toJSON(): object;
  render(style: Style): string;
}

/** `mlops help`. */
export const help: Command<object, HelpResult> = {
  name: 'help',
  args: '[command...]',
  examples: ['mlops help push', 'mlops help metrics', 'mlops help exit-codes'],

  async run({ args }, { commands }) {
    if (args.length === 1 && args[0] === 'exit-codes') return answer('exit-codes', exitCodes);
    const found = findCommand(args, commands);
    if (found.type === 'none') return answer(null, (style) => mainHelp(commands, style));
    if (found.type === 'group') return answer(found.name, (style) => groupHelp(found.name, commands, style));
    const command = await found.entry.load();
    return answer(command.name, (style) => commandHelp(found.entry, command, style));
  },

  render: ({ render }, style) => render(style),
};

function answer(topic: string | null, render: (style: Style) => string): HelpResult {
  const text = render(plainStyle());
  return { topic, text, toJSON: () => ({ topic, text }), render };
}

function exitCodes(style: Style): string {
  const rows = EXIT_CODE_MEANINGS.map(([code, meaning]) => `  ${String(code).padStart(3)}  ${meaning}`);
  return [style.dim('What mlops exits with'), ...rows].join('\n');
}
