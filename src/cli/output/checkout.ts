import type { CheckoutResult } from '../../features/data/checkout/checkout.ts';
import { MlopsError } from '../../core/errors.ts';
import { worstKind } from '../exit-codes.ts';
import { formatCount, formatList } from './format.ts';
import { harmless, type Style } from './style.ts';
import { forRemote } from './transfer.ts';

/** What a checkout did to the workspace, file by file up to a screenful. */
export function renderCheckout(
  { added, modified, deleted, kept, failed }: CheckoutResult,
  style: Style,
  isDryRun = false,
): string {
  const rows = [
    ...added.map((path) => `  ${style.good('added')}     ${style.path(path)}`),
    ...modified.map((path) => `  ${style.good('modified')}  ${style.path(path)}`),
    ...deleted.map((path) => `  ${style.bad('deleted')}   ${style.path(path)}`),
    ...kept.map((path) => `  kept      ${style.path(path)}`),
  ];
  const failures = failed.map(
    ({ path, reason }) => `  ${style.bad('failed')}    ${style.path(path)}: ${harmless(reason)}`,
  );
  const changed = added.length + modified.length + deleted.length;
  if (changed === 0 && failed.length === 0 && kept.length === 0) return 'Nothing to check out.';
  return [
    changed === 0
      ? `Nothing ${isDryRun ? 'would be' : 'was'} changed in the workspace.`
      : `${formatCount(changed, 'file')} ${isDryRun ? 'would be changed' : 'changed'} in the workspace:`,
    ...formatList(rows, 20),
    ...formatList(failures, 20),
  ].join('\n');
}

const IN_THE_WAY = 'Nothing of it was touched. Move away what is in the way, and run the same command again.';

/** The error of a checkout that could not do all of its work; null when it did. What was refused weighs more than what is missing. */
export function checkoutProblem({ kept, failed }: CheckoutResult, remote?: string): MlopsError | null {
  if (kept.length > 0) {
    const message =
      kept.length === 1
        ? '1 file is left as it is: its bytes are not in the cache.'
        : `${formatCount(kept.length, 'file')} are left as they are: their bytes are not in the cache.`;
    return new MlopsError('refused', message, {
      hint: 'Keep them with `mlops commit` (`mlops add` where nothing tracks them), or give them up: mlops checkout --force',
    });
  }
  if (failed.length === 0) return null;
  const kind = worstKind(failed.map((failure) => failure.kind));
  const message = `${formatCount(failed.length, 'path')} could not be checked out.`;
  if (kind === 'data-missing') return new MlopsError(kind, message, { hint: forRemote('mlops pull', remote) });
  const [first] = failed.filter((failure) => failure.kind === kind);
  const details = kind === 'refused' ? { hint: IN_THE_WAY } : {};
  return new MlopsError(kind, `${message} ${first?.path}: ${first?.reason}`, details);
}
