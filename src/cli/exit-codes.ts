import type { ErrorKind } from '../core/errors.ts';

/** The exit code of each kind of failure: a promise to scripts. */
export const EXIT_CODES = {
  failed: 1,
  'file-system': 1,
  'no-space': 1,
  damaged: 1,
  usage: 2,
  'invalid-file': 2,
  'invalid-data': 2,
  'stage-failed': 3,
  'data-missing': 4,
  'remote-unavailable': 5,
  busy: 6,
  'no-project': 7,
  'no-git': 7,
  refused: 8,
  'check-failed': 9,
  interrupted: 130,
  terminated: 143,
} as const satisfies Record<ErrorKind, number>;

/** What anything that was not foreseen exits with. */
export const BUG = 70;

/** Every exit code in a sentence, as `mlops help exit-codes` and the README print them. */
export const EXIT_CODE_MEANINGS: readonly (readonly [code: number, meaning: string])[] = [
  [0, 'done, or nothing to do'],
  [1, 'failed'],
  [2, 'usage, or a mistake in a file'],
  [3, 'a stage failed'],
  [4, 'data is missing somewhere; the rest was done'],
  [5, 'the remote is unavailable or refused; nothing was transferred'],
  [6, 'another mlops holds what this one needs'],
  [7, 'not inside a project, or not a Git repository'],
  [8, 'refused to overwrite, delete or accept without --force'],
  [9, 'a check found something'],
  [70, 'a bug in mlops'],
  [130, 'interrupted (Ctrl-C)'],
  [143, 'terminated (SIGTERM)'],
];

/** Where several failures apply, the first of these decides. */
const PRECEDENCE = [BUG, 130, 143, 2, 3, 8, 4, 5];

/** The kind that decides the exit code of a command in which several things failed. */
export function worstKind(kinds: readonly ErrorKind[]): ErrorKind {
  const rank = (kind: ErrorKind) => {
    const at = PRECEDENCE.indexOf(EXIT_CODES[kind]);
    return at < 0 ? PRECEDENCE.length : at;
  };
  return kinds.toSorted((a, b) => rank(a) - rank(b))[0] ?? 'failed';
}
