import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { compareCodePoints } from '../../core/value.ts';
import { withLease } from '../../system/lease.ts';
import { readTextFile, writeFile } from '../../system/write-file.ts';
import type { Git } from './git.ts';
import { type IgnorePlace, lineFor } from './ignore.ts';

const HEADING = '# Checked out by mlops from another revision; gone from here with the data:';

/**
 * Keeps paths out of Git in this clone alone, by lines in `.git/info/exclude`: for data that is here for a while, and that no
 * `.gitignore` of the commit at hand names.
 */
export function excludeHere(place: IgnorePlace, git: Git, paths: readonly string[]): Promise<void> {
  return change(place, git, paths, (lines, ours) => [...new Set([...lines, ...ours])].sort(compareCodePoints));
}

/** Takes such lines away again. Those that a person wrote stay. */
export function includeHere(place: IgnorePlace, git: Git, paths: readonly string[]): Promise<void> {
  return change(place, git, paths, (lines, ours) => lines.filter((line) => !ours.includes(line)));
}

async function change(
  place: IgnorePlace,
  { excludes: { file, prefix } }: Git,
  paths: readonly string[],
  decide: (lines: readonly string[], ours: readonly string[]) => readonly string[],
): Promise<void> {
  const ours = paths.map((path) => lineFor(prefix + path));
  const edit = (text: string) => withBlock(text, decide(blockOf(text), ours));
  const before = readTextFile(file) ?? '';
  if (ours.length === 0 || edit(before) === before) return;
  const { waitMilliseconds, report, signal, layout } = place;
  await withLease({ folder: layout.leases, name: 'exclude', what: file, waitMilliseconds, report, signal }, () => {
    mkdirSync(dirname(file), { recursive: true });
    writeFile(file, edit(readTextFile(file) ?? ''), layout.tmp);
  });
}

/** The lines below our heading, up to the first that is no pattern of ours. */
function blockOf(text: string): string[] {
  const lines = text.split('\n');
  const from = lines.indexOf(HEADING) + 1;
  if (from === 0) return [];
  const end = lines.findIndex((line, at) => at >= from && !line.startsWith('/'));
  return lines.slice(from, end < 0 ? lines.length : end);
}

function withBlock(text: string, block: readonly string[]): string {
  const before = blockOf(text);
  const old = [HEADING, ...before].map((line) => `${line}\n`).join('');
  const rest = text.includes(HEADING) ? text.replace(old, () => '') : text;
  if (block.length === 0) return rest;
  return `${rest}${rest === '' || rest.endsWith('\n') ? '' : '\n'}${[HEADING, ...block, ''].join('\n')}`;
}
