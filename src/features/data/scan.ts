import { readlinkSync, statSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../../core/digest.ts';
import { linkStaysInside, nameProblem } from '../../core/entry-name.ts';
import { MlopsError } from '../../core/errors.ts';
import type { TreeEntry } from '../../core/tree.ts';
import { buildTree } from '../../stores/cache/trees.ts';
import { fileError, isMissing } from '../../system/file-error.ts';
import type { IgnoreRules } from '../../system/ignore-rules.ts';
import { type FolderEntry, lookAt, readFolder, rulesBelow, rulesInside } from '../../system/list-files.ts';
import type { Steps } from './workspace.ts';

/** What is at a path now, with all that is beneath it. Null children: no folder. */
export interface Measured extends TreeEntry {
  readonly children: readonly Measured[] | null;
}

/** How the digests of contents are found: by reading them, or by putting them into the cache as well. */
export interface Contents {
  file(absolute: string, path: string, stat: Stats): { readonly digest: Digest; readonly size: number };
  link(path: string, stat: Stats, target: string): Digest;
  folder(path: string): void;
  tree(bytes: Uint8Array): Digest;
}

/** Goes through a path and all beneath it. What can be neither kept nor ignored is an error by name. */
export function* scan(root: string, path: string, contents: Contents): Steps<Measured | undefined> {
  const absolute = join(root, path);
  const stat = follow(absolute, lookAt(absolute));
  if (stat === undefined) return undefined;
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (stat.isFile()) {
    const { digest, size } = contents.file(absolute, path, stat);
    yield size;
    return { name, kind: kindOf(stat), size, files: 1, digest, children: null };
  }
  if (!stat.isDirectory()) throw special(path, stat);
  return yield* scanFolder({ contents, top: path }, absolute, path, rulesInside(root, path));
}

interface Scan {
  readonly contents: Contents;
  /** The path that the scan began with: links may point to anything in it. */
  readonly top: string;
}

function* scanFolder(scan: Scan, absolute: string, path: string, rules: IgnoreRules): Steps<Measured> {
  scan.contents.folder(path);
  const children: Measured[] = [];
  for (const entry of readFolder(absolute, rules)) {
    const { name } = entry;
    const below = `${path}/${name}`;
    checkName(below, name);
    if (entry.type === 'folder') {
      children.push(
        yield* scanFolder(scan, `${absolute}/${name}`, below, rulesBelow(rules, `${absolute}/${name}`, name)),
      );
      continue;
    }
    const child = scanFile(scan, `${absolute}/${name}`, below, entry);
    // It vanished between the listing and the look: as if it had never been there.
    if (child === undefined) continue;
    children.push(child);
    yield child.size;
  }
  const tree = buildTree(children, scan.contents.tree);
  yield 0;
  return { name: path.slice(path.lastIndexOf('/') + 1), kind: 'tree', ...tree, children };
}

function scanFile(scan: Scan, absolute: string, path: string, { name, type }: FolderEntry): Measured | undefined {
  if (type === 'symlink') return scanLink(scan, absolute, path, name);
  const stat = lookAt(absolute);
  if (stat === undefined) return undefined;
  if (!stat.isFile()) throw special(path, stat);
  const { digest, size } = scan.contents.file(absolute, path, stat);
  return { name, kind: kindOf(stat), size, files: 1, digest, children: null };
}

function scanLink({ contents, top }: Scan, absolute: string, path: string, name: string): Measured | undefined {
  const own = lookAt(absolute);
  if (own === undefined) return undefined;
  const target = readlinkSync(absolute);
  if (linkStaysInside(path.slice(top.length + 1), target)) {
    const size = Buffer.byteLength(target);
    return { name, kind: 'symlink', size, files: 1, digest: contents.link(path, own, target), children: null };
  }
  const stat = follow(absolute, own);
  if (stat?.isFile()) {
    const { digest, size } = contents.file(absolute, path, stat);
    return { name, kind: kindOf(stat), size, files: 1, digest, children: null };
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

function kindOf({ mode }: Stats): 'file' | 'executable' {
  return (mode & 0o100) === 0 ? 'file' : 'executable';
}

function checkName(path: string, name: string): void {
  const problem = nameProblem(name);
  if (problem === null) return;
  throw new MlopsError('usage', `${path} cannot be tracked: its name ${problem}.`, {
    hint: 'Rename it, or name it in .mlopsignore.',
  });
}

function special(path: string, stat: Stats): MlopsError {
  const what = stat.isSocket() ? 'a socket' : stat.isFIFO() ? 'a pipe' : 'a device';
  return new MlopsError('usage', `${path} is ${what}; only files, folders and links can be tracked.`, {
    hint: 'Remove it, or name it in .mlopsignore.',
  });
}
