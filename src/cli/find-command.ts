import { MlopsError } from '../core/errors.ts';
import { nearest } from '../core/nearest.ts';
import type { CommandEntry } from './command.ts';
import { takesNextWord } from './global-options.ts';

/** What a command line names: one command with the words that are left, a group of commands, or nothing at all. */
export type Found =
  | { readonly type: 'command'; readonly entry: CommandEntry; readonly rest: readonly string[] }
  | { readonly type: 'group'; readonly name: string; readonly rest: readonly string[] }
  | { readonly type: 'none'; readonly rest: readonly string[] };

/** Finds the command's words among the options before and between them. */
export function findCommand(argv: readonly string[], commands: readonly CommandEntry[]): Found {
  const first = nextWord(argv, 0);
  if (first === null) {
    const version = commands.find(({ name }) => name === 'version');
    if (version === undefined || !argv.includes('--version')) return { type: 'none', rest: argv };
    return { type: 'command', entry: version, rest: argv.filter((word) => word !== '--version') };
  }
  const word = argv[first] ?? '';
  if (word === 'help' && argv[nextWord(argv, first + 1) ?? -1] !== 'exit-codes') {
    // `mlops help push` is `mlops push --help`.
    return findCommand(['--help', ...without(argv, first)], commands);
  }
  const one = commands.find(({ name }) => name === word);
  if (one !== undefined) return { type: 'command', entry: one, rest: without(argv, first) };

  if (!commands.some(({ name }) => name.startsWith(`${word} `))) throw unknownCommand(word, commands);
  const second = nextWord(argv, first + 1);
  if (second === null) return { type: 'group', name: word, rest: without(argv, first) };
  const name = `${word} ${argv[second] ?? ''}`;
  const two = commands.find((entry) => entry.name === name);
  if (two !== undefined) return { type: 'command', entry: two, rest: without(argv, first, second) };
  throw unknownCommand(name, commands);
}

/** The error for words that name no command, with the one that was most likely meant. */
function unknownCommand(typed: string, commands: readonly CommandEntry[]): MlopsError {
  const meant = meantBy(typed, commands);
  const [group] = typed.split(' ');
  const isInGroup = typed.includes(' ') && commands.some(({ name }) => name.startsWith(`${group} `));
  const all = isInGroup ? `mlops ${group} --help` : 'mlops --help';
  return new MlopsError('usage', `There is no command "mlops ${typed}".`, {
    hint:
      meant.length === 0 ? `All commands: ${all}` : `Did you mean \`${meant.join('` or `')}\`? All commands: ${all}`,
  });
}

function meantBy(typed: string, commands: readonly CommandEntry[]): string[] {
  const seconds = commands.filter(({ name }) => name.split(' ')[1] === typed);
  if (seconds.length > 0) return seconds.map(({ name }) => `mlops ${name}`);
  const names = new Set(commands.flatMap(({ name }) => [name, name.split(' ')[0] ?? name]));
  const found = nearest(typed, names);
  return found === undefined ? [] : [`mlops ${found}`];
}

/** The position of the next word that is neither an option nor an option's value. */
function nextWord(argv: readonly string[], from: number): number | null {
  for (let at = from; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (word === '--') return null;
    if (takesNextWord(word)) at++;
    else if (!word.startsWith('-')) return at;
  }
  return null;
}

function without(argv: readonly string[], ...positions: readonly number[]): string[] {
  return argv.filter((_, at) => !positions.includes(at));
}
