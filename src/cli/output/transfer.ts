import type { TransferResult } from '../../features/data/transfer.ts';
import { MlopsError } from '../../core/errors.ts';
import { formatBytes, formatCount, formatInteger, formatList } from './format.ts';
import type { Style } from './style.ts';

/** What a push, fetch or pull moved, in a line, and below it what it could not. */
export function renderTransfer(verb: string, result: TransferResult, style: Style, isDryRun = false): string {
  const { objects, bytes, alreadyThere, remote, failed } = result;
  const failures = failed.map(({ path, reason }) => `  ${style.bad(style.path(path))}: ${reason}`);
  const moved = `${verb} ${formatCount(objects, 'object')} (${formatBytes(bytes)})`;
  const there = alreadyThere === 0 ? '' : `; ${formatInteger(alreadyThere)} already there`;
  const side = verb.toLowerCase().includes('push') ? 'to' : 'from';
  const line =
    objects === 0 && failed.length === 0
      ? `Nothing to ${verb.toLowerCase().includes('push') ? 'push' : 'fetch'}: everything is there already.`
      : `${isDryRun ? `Would have ${moved.toLowerCase()}` : style.good(moved)} ${side} ${remote}${there}.`;
  return [line, ...formatList(failures, 20)].join('\n');
}

/** The error of a transfer that did part of its work; null when it did all of it. */
export function transferProblem({ failed, remote }: TransferResult, hint: string): MlopsError | null {
  if (failed.length === 0) return null;
  return new MlopsError(
    'data-missing',
    `${formatCount(failed.length, 'object')} could not be moved (remote ${remote}).`,
    {
      hint,
    },
  );
}
