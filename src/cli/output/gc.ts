import type { GcResult } from '../../features/data/gc/gc.ts';
import { formatBytes, formatCount, formatList } from './format.ts';
import type { Style } from './style.ts';

/** What `gc` removed, or would. */
export function renderGc(
  { kept, removed, bytes, young, waiting, packs, dryRun, objects, scheduled, unfinished }: GcResult,
  style: Style,
): string {
  const recent = young === 0 ? '' : `, ${formatCount(young, 'object')} of them too young to go`;
  const inPacks = waiting === 0 ? '' : `, ${formatCount(waiting, 'object')} of them in packs that are mostly needed`;
  const anew = packs === 0 ? '' : ` ${formatCount(packs, 'pack')} ${dryRun ? 'would be' : 'were'} written anew.`;
  const rest = `${formatCount(kept, 'object')} kept${recent}${inPacks}.${anew}`;
  const later = scheduled.map(
    (one) =>
      `${formatCount(one.objects, 'object')} (${formatBytes(one.bytes)}) may go from ${one.eligibleAt.slice(0, 16).replace('T', ' ')} UTC on.`,
  );
  const ended =
    unfinished === 0 ? [] : [`${dryRun ? 'Would end' : 'Ended'} ${formatCount(unfinished, 'unfinished upload')}.`];
  if (removed === 0) return [`Nothing to remove; ${rest}`, ...later, ...ended].join('\n');
  const verb = dryRun ? 'Would remove' : style.good('Removed');
  const rows = objects.map(
    ({ digest, size, path }) =>
      `  ${path === null ? digest : style.path(path)}  ${style.dim(`(${formatBytes(size)})`)}`,
  );
  return [
    ...(dryRun ? formatList(rows, 50) : []),
    `${verb} ${formatCount(removed, 'object')} (${formatBytes(bytes)}); ${rest}`,
    ...later,
    ...ended,
  ].join('\n');
}
