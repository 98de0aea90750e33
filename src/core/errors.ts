import { shellWord } from './shell-word.ts';

/**
 * Every kind of failure that is foreseen. Each has one exit code (`cli/exit-codes.ts`), so a new kind does not compile
 * without one. Anything thrown that is not an `MlopsError` is a bug.
 */
export type ErrorKind =
  | 'failed'
  | 'file-system'
  | 'no-space'
  | 'damaged'
  | 'usage'
  | 'invalid-file'
  | 'invalid-data'
  | 'stage-failed'
  | 'data-missing'
  | 'remote-unavailable'
  | 'busy'
  | 'no-project'
  | 'no-git'
  | 'refused'
  | 'check-failed'
  | 'interrupted'
  | 'terminated';

/** One mistake in a file, with its place. Line and column count from 1. */
export interface Problem {
  readonly file: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly message: string;
}

/** A hint that names paths of the project; it is told how one types them where the hint is read. */
export type PathHint = (word: (path: string) => string) => string;

interface ErrorDetails {
  readonly hint?: string | PathHint;
  readonly cause?: unknown;
  readonly problems?: readonly Problem[];
}

/** A foreseen failure: a sentence that says what happened to which thing, and a hint that says what to do. */
export class MlopsError extends Error {
  override readonly name = 'MlopsError';
  readonly kind: ErrorKind;
  /** As it is for somebody in the project's root. */
  readonly hint: string | null;
  readonly problems: readonly Problem[];
  /** The same for somebody elsewhere. */
  readonly hintFor: (word: (path: string) => string) => string | null;

  constructor(kind: ErrorKind, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.kind = kind;
    const { hint = null } = details;
    this.hintFor = (word) => (typeof hint === 'function' ? hint(word) : hint);
    this.hint = this.hintFor(shellWord);
    this.problems = details.problems ?? [];
  }
}

/** All the mistakes found in a file as one error, told together. The message names how many; the places are in `problems`. */
export function invalidFile(problems: readonly Problem[], hint?: string): MlopsError {
  const files = [...new Set(problems.map(({ file }) => file))].join(', ');
  const count = problems.length === 1 ? 'is a mistake' : `are ${problems.length} mistakes`;
  return new MlopsError(
    'invalid-file',
    `There ${count} in ${files}.`,
    hint === undefined ? { problems } : { problems, hint },
  );
}

/** The error that a stop ends with: the reason of the abort as it is, or the name of a signal as the error that stands for it. */
export function interruption(reason: unknown): MlopsError {
  if (reason instanceof MlopsError) return reason;
  const hint = 'Nothing is half done; run the same command again to go on.';
  return reason === 'SIGTERM'
    ? new MlopsError('terminated', 'Terminated.', { hint })
    : new MlopsError('interrupted', 'Interrupted.', { hint });
}

/** Whether a failure is nobody's fault: somebody stopped the work. */
export function isInterruption({ kind }: { readonly kind: ErrorKind }): boolean {
  return kind === 'interrupted' || kind === 'terminated';
}

/** The code of a failed system call (`ENOENT`, `ENOSPC` …), or undefined for anything else. */
export function systemCode(error: unknown): string | undefined {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
