import { readlinkSync, statSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { linkStaysInside, nameProblem } from '../../../core/entry-name.ts';
import { MlopsError } from '../../../core/errors.ts';
import { buildTree } from '../../../stores/cache/trees.ts';
import { fileError, isMissing } from '../../../system/file-error.ts';
import { digestOf } from '../../../system/hash.ts';
import type { IgnoreRules } from '../../../system/ignore-rules.ts';
import { keepsFolderTimes } from '../../../system/folder-times.ts';
import { type FolderEntry, lookAt, ownRules, readFolder, rulesAround } from '../../../system/list-files.ts';
import { type Contents, type Folder, kindOf, type Measured, type Scan } from '../measured.ts';
import { aheadOf } from './ahead.ts';
import { scanKnown } from './known.ts';
import type { Steps } from '../workspace.ts';

/** What a scan is given, and what it finds. */
export type { Contents, Measured } from '../measured.ts';

/** Goes through a path and all beneath it. What can be neither kept nor ignored is an error by name. */
export function* scan(root: string, path: string, contents: Contents): Steps<Measured | undefined> {
  const absolute = join(root, path);
  const stat = follow(absolute, lookAt(absolute));
  if (stat === undefined) return undefined;
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (stat.isFile()) {
    const { digest, size } = yield* contents.file(absolute, path, stat);
    return { name, kind: kindOf(stat), size, files: 1, digest, children: null };
  }
  if (!stat.isDirectory()) throw special(path, stat);
  const trusted = keepsFolderTimes(absolute) ? stat.dev : null;
  const rules = rulesAround(root, path);
  return yield* scanFolder({ contents, top: path, trusted, newFiles: 0 }, { absolute, path, name, stat }, rules);
}

/** A folder and all beneath it; `above` are the rules that hold around it. */
function* scanFolder(scan: Scan, folder: Folder, above: IgnoreRules): Steps<Measured> {
  const { path, name, absolute, stat } = folder;
  const { index } = scan.contents;
  const known = stat.dev === scan.trusted ? index.listed(path, stat) : undefined;
  // Without a name more or less there is no ignore file either that was not there.
  const own = known?.listing?.hasOwnRules === false ? undefined : ownRules(absolute);
  const rules = above.inside(name, own);
  const key = digestOf(rules.key);
  if (known?.listing?.rules === key) {
    const same = yield* scanKnown(scan, folder, known, (entry) => scanEntry(scan, folder, entry, rules));
    if (same !== undefined) return same;
  }
  index.recordFolder(path);
  const children: Measured[] = [];
  let hasLinks = false;
  const entries = readFolder(absolute, rules);
  const ahead = aheadOf(scan, folder, entries);
  try {
    for (const entry of entries) {
      checkName(path, entry.name);
      hasLinks ||= entry.type === 'symlink';
      if (entry.type === 'file' && !ahead.isReady) yield* ahead.wait();
      const read = entry.type === 'file' ? ahead.next(entry.name) : undefined;
      const child = read ?? (yield* scanEntry(scan, folder, entry, rules));
      // It vanished between the listing and the look: as if it had never been there.
      if (child !== undefined) children.push(child);
    }
    yield ahead.untold();
  } finally {
    ahead.end();
  }
  const tree = buildTree(children, scan.contents.tree);
  // What a link is depends on where the scan began.
  if (stat.dev === scan.trusted && !hasLinks) {
    index.recordListing(path, stat, { ...tree, rules: key, hasOwnRules: own !== undefined, entries: children });
  }
  yield 0;
  return { name, kind: 'tree', ...tree, children };
}

/** One name in a folder; undefined when it is not there any more. */
function* scanEntry(
  scan: Scan,
  { absolute, path }: Folder,
  entry: FolderEntry,
  rules: IgnoreRules,
): Steps<Measured | undefined> {
  const { name } = entry;
  const at = { absolute: `${absolute}/${name}`, path: `${path}/${name}`, name };
  if (entry.type !== 'folder') return yield* scanFile(scan, at.absolute, at.path, entry);
  const stat = lookAt(at.absolute);
  if (stat?.isDirectory() !== true) return undefined;
  return yield* scanFolder(scan, { ...at, stat }, rules);
}

function* scanFile(
  scan: Scan,
  absolute: string,
  path: string,
  { name, type }: FolderEntry,
): Steps<Measured | undefined> {
  if (type === 'symlink') return yield* scanLink(scan, absolute, path, name);
  const stat = lookAt(absolute);
  if (stat === undefined) return undefined;
  if (!stat.isFile()) throw special(path, stat);
  const { digest, size } = yield* scan.contents.file(absolute, path, stat);
  return { name, kind: kindOf(stat), size, files: 1, digest, children: null };
}

function* scanLink({ contents, top }: Scan, absolute: string, path: string, name: string): Steps<Measured | undefined> {
  const own = lookAt(absolute);
  if (own === undefined) return undefined;
  const target = readlinkSync(absolute);
  if (linkStaysInside(path.slice(top.length + 1), target)) {
    const size = Buffer.byteLength(target);
    yield size;
    return { name, kind: 'symlink', size, files: 1, digest: contents.link(path, own, target), children: null };
  }
  const stat = follow(absolute, own);
  if (stat?.isFile()) {
    const { digest, size } = yield* contents.file(absolute, path, stat);
    return { name, kind: kindOf(stat), size, files: 1, digest, children: null };
  }
  if (stat === undefined && contents.isLost?.(absolute, target) === true) {
    return {
      name,
      kind: 'symlink',
      size: Buffer.byteLength(target),
      files: 1,
      digest: digestOf(target),
      children: null,
    };
  }
  const what = stat === undefined ? 'nothing' : 'a folder outside';
  throw new MlopsError('usage', `${path} is a symbolic link to ${what} (${target}).`, {
    hint: `Put the real thing in its place, or name it in .mlopsignore.`,
  });
}

/** What a link points to in the end. A link to nothing is nothing. */
function follow(absolute: string, stat: Stats | undefined): Stats | undefined {
  if (stat?.isSymbolicLink() !== true) return stat;
  try {
    return statSync(absolute, { throwIfNoEntry: false });
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fileError(error, `read ${absolute}`);
  }
}

function checkName(folder: string, name: string): void {
  const problem = nameProblem(name);
  if (problem === null) return;
  throw new MlopsError('usage', `${folder}/${name} cannot be tracked: its name ${problem}.`, {
    hint: 'Rename it, or name it in .mlopsignore.',
  });
}

function special(path: string, stat: Stats): MlopsError {
  const what = stat.isSocket() ? 'a socket' : stat.isFIFO() ? 'a pipe' : 'a device';
  return new MlopsError('usage', `${path} is ${what}; only files, folders and links can be tracked.`, {
    hint: 'Remove it, or name it in .mlopsignore.',
  });
}
