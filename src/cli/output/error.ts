import { MlopsError, type Problem, systemCode } from '../../core/errors.ts';
import { harmless, type Style } from './style.ts';
import { BUG, EXIT_CODES } from '../exit-codes.ts';

/** The last event of a failed command line under `--json`. */
export interface ErrorEvent {
  readonly type: 'error';
  readonly kind: string;
  readonly message: string;
  readonly hint: string | null;
  readonly problems: readonly Problem[];
}

/** What a failure exits with: the code of its kind, or that of a bug. */
export function exitCodeOf(error: unknown): number {
  return error instanceof MlopsError ? EXIT_CODES[error.kind] : BUG;
}

/** A failure as text: what happened, where, and what to do. Only a bug shows its stack. */
export function renderError(error: unknown, style: Style, verbose: boolean): string {
  if (!(error instanceof MlopsError)) return renderBug(error, style);
  const hint = error.hintFor(style.word);
  return [
    ...`${style.bad('error:')} ${harmless(error.message)}`.split('\n').map((line) => style.fold(line, 7)),
    ...error.problems
      .map((problem) => `  ${placeOf(problem)}${harmless(problem.message)}`)
      .map((line) => style.fold(line, 4)),
    ...(verbose ? causesOf(error).map((cause) => style.dim(`cause: ${cause}`)) : []),
    ...(hint === null ? [] : [style.fold(`${style.dim('hint:')} ${harmless(hint)}`, 6)]),
  ].join('\n');
}

/** A failure as the last JSON line on stderr. */
export function errorEvent(error: unknown): ErrorEvent {
  if (error instanceof MlopsError) {
    const { kind, message, hint, problems } = error;
    return { type: 'error', kind, message, hint, problems };
  }
  return { type: 'error', kind: 'bug', message: describe(error), hint: REPORT, problems: [] };
}

/** Failures of the machine that no feature has named: a full disk and a folder one may not write are nobody's bug. */
export function foreseen(error: unknown, signal: AbortSignal): unknown {
  if (error instanceof MlopsError) return error;
  if (signal.aborted && signal.reason instanceof MlopsError) return signal.reason;
  const text = error instanceof Error ? error.message : '';
  // No disk holds paths of such a length: a list of files, or a document, was made to do harm.
  if (error instanceof RangeError && text === 'Maximum call stack size exceeded') {
    return new MlopsError('damaged', 'A folder, or a value in a file, is nested too deeply to be followed.', {
      cause: error,
      hint: 'Look at what changed last: git diff HEAD -- .mlops.lock.yaml .mlops.yaml',
    });
  }
  switch (systemCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new MlopsError('no-space', `The disk is full: ${text}.`, {
        cause: error,
        hint: 'Make room, then run the command again; nothing that was there is lost.',
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new MlopsError('file-system', `The system does not allow it: ${text}.`, { cause: error });
    case 'EMFILE':
    case 'ENFILE':
      return new MlopsError('file-system', `Too many files are open: ${text}.`, {
        cause: error,
        hint: 'Raise the limit: ulimit -n 4096',
      });
    case 'EIO':
      return new MlopsError('file-system', `The disk did not answer as it should: ${text}.`, { cause: error });
    default:
      return error;
  }
}

const REPORT =
  'This is a bug in mlops. Please report it with these lines, the command, and what `mlops doctor` prints.';

function renderBug(error: unknown, style: Style): string {
  const stack = error instanceof Error && error.stack !== undefined ? error.stack : describe(error);
  return `${style.bad('error:')} ${stack}\n${style.dim('hint:')} ${REPORT}`;
}

function placeOf({ file, line, column }: Problem): string {
  return `${[file, line, column].filter((part) => part !== null).join(':')}: `;
}

function causesOf(error: Error): string[] {
  const { cause } = error;
  if (cause === undefined) return [];
  return [describe(cause), ...(cause instanceof Error ? causesOf(cause) : [])];
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
