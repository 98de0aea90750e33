import { MlopsError } from '../../core/errors.ts';
import { shellWord } from '../../core/shell-word.ts';
import type { TransferResult } from '../../features/data/transfer/transfer.ts';
import { formatBytes, formatCount, formatInteger, formatList } from './format.ts';
import { harmless, type Style } from './style.ts';

const WORDS = {
  push: { did: 'Pushed', would: 'Would push', side: 'to' },
  fetch: { did: 'Fetched', would: 'Would fetch', side: 'from' },
};

/** What a push, fetch or pull moved, in a line, and below it what it could not. */
export function renderTransfer(
  direction: 'push' | 'fetch',
  { objects, bytes, requests, alreadyThere, paths, remote, failed }: TransferResult,
  style: Style,
  isDryRun = false,
): string {
  if (objects === 0 && failed.length === 0) {
    return `Nothing to ${direction}: ${remote === null ? 'nothing is tracked yet' : 'everything is there already'}.`;
  }
  const { did, would, side } = WORDS[direction];
  const moved = `${formatCount(objects, 'object')} (${formatBytes(bytes)}) ${side} ${remote}`;
  const asked = isDryRun ? ` in ${formatCount(requests, 'request')}` : '';
  const there = alreadyThere === 0 ? '' : `; ${formatInteger(alreadyThere)} already there`;
  const failures = failed.map(({ path, reason }) => `  ${style.bad(style.path(path))}: ${harmless(reason)}`);
  const named = isDryRun ? paths.map((path) => `  ${style.path(path)}`) : [];
  return [
    `${isDryRun ? would : style.good(did)} ${moved}${asked}${there}.`,
    ...formatList(named, 20),
    ...formatList(failures, 20),
  ].join('\n');
}

/** A command for the remote that was named; without one, for the default. */
export function forRemote(command: string, remote: string | undefined): string {
  return remote === undefined ? command : `${command} -r ${shellWord(remote)}`;
}

/** What helps when something is missing on a remote, or damaged there. */
export function whereItIs({ failed }: TransferResult, remote: string | undefined): string {
  const push = forRemote('mlops push', remote);
  const isDamaged = failed.some(({ reason }) => reason.includes(' is damaged.'));
  return `Push it ${isDamaged ? 'again ' : ''}where it is: ${push}${isDamaged ? ' --force' : ''}`;
}

/** The error of a transfer that did part of its work; null when it did all of it. */
export function transferProblem({ failed, remote }: TransferResult, hint: string): MlopsError | null {
  if (failed.length === 0) return null;
  const message = `${formatCount(failed.length, 'object')} could not be moved (remote ${remote}).`;
  return new MlopsError('data-missing', message, { hint });
}
