import type { OptionSpec, World } from './command.ts';
import { parseChoice, parseDuration } from './parse.ts';

/** What every command takes, before and after its name. */
export const GLOBAL_OPTIONS: readonly OptionSpec[] = [
  ['-C, --cd <dir>', 'run as if started in this folder'],
  ['--json', 'print the result as one JSON document, and events as JSON lines on stderr'],
  ['-q, --quiet', 'no progress'],
  ['-v, --verbose', 'more detail, and the causes of an error'],
  ['--color <when>', 'auto, always or never', parseChoice('auto', 'always', 'never')],
  ['-y, --yes', 'answer yes to every question; never means --force'],
  ['--no-wait', 'fail at once when another mlops holds what this one needs'],
  ['--wait <time>', 'wait for it this long at most: 30s, 5m', parseDuration],
  ['-h, --help', 'this help'],
];

/** The same beside a command's own: where that has a letter for itself, the word alone is left (`plots show -y`). */
export function globalOptionsBeside(own: readonly OptionSpec[]): readonly OptionSpec[] {
  const taken = new Set(own.map(([flags]) => /^-\w(?!\w)/.exec(flags)?.[0]));
  return GLOBAL_OPTIONS.map(([flags, ...rest]) => {
    const [letter, long] = flags.split(', ');
    return taken.has(letter) && long !== undefined ? [long, ...rest] : [flags, ...rest];
  });
}

const WITH_VALUE = new Set(['-C', '--cd', '--color', '--wait']);

/** Whether the next word on the command line belongs to this global option. */
export function takesNextWord(word: string): boolean {
  return WITH_VALUE.has(word);
}

/** What must be known to print anything at all, even that the command line is wrong. */
export interface Look {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly outColor: boolean;
  readonly errColor: boolean;
}

/** Reads the global flags that decide how things look, wherever they stand before `--`. */
export function lookOf(world: World): Look {
  const dashes = world.argv.indexOf('--');
  const words = dashes < 0 ? world.argv : world.argv.slice(0, dashes);
  const has = (...flags: readonly string[]) => flags.some((flag) => words.includes(flag));
  const at = words.lastIndexOf('--color');
  const color =
    at >= 0 ? words[at + 1] : words.findLast((word) => word.startsWith('--color='))?.slice('--color='.length);
  return {
    json: has('--json'),
    quiet: has('-q', '--quiet'),
    verbose: has('-v', '--verbose'),
    outColor: isColored(color, world.outIsTerminal, world.env),
    errColor: isColored(color, world.errIsTerminal, world.env),
  };
}

/** The flag wins, then `NO_COLOR`, then `FORCE_COLOR`, then whether anyone sees it. */
function isColored(flag: string | undefined, isTerminal: boolean, env: World['env']): boolean {
  if (flag === 'always') return true;
  if (flag === 'never' || (env['NO_COLOR'] ?? '') !== '') return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return isTerminal && env['TERM'] !== 'dumb';
}
