import type { Stats } from 'node:fs';
import type { Digest } from '../../core/digest.ts';
import type { TreeEntry } from '../../core/tree.ts';
import type { StoredTree } from '../../stores/cache/trees.ts';
import type { IndexFolder } from '../../stores/index/folder-block.ts';
import type { WorkspaceIndex } from '../../stores/index/index.ts';
import type { FileRead } from '../../system/threads/file-job.ts';
import type { Steps } from './workspace.ts';

/** What is at a path now, with all that is beneath it. Null children: no folder. */
export interface Measured extends TreeEntry {
  readonly children: readonly Measured[] | null;
}

/** How the digests of contents are found: by reading them, or by putting them into the cache as well. */
export interface Contents {
  readonly index: WorkspaceIndex;
  /** How many threads may read. */
  readonly threads: number;
  /** A file that was seen to be so a moment ago. */
  file(absolute: string, path: string, stat: Stats): Steps<{ readonly digest: Digest; readonly size: number }>;
  /** For the files of a folder that are read before they are asked for, from a time of the file system's clock on. */
  reader(folder: string, since: number): (name: string, file: FileRead) => void;
  link(path: string, stat: Stats, target: string): Digest;
  tree(bytes: Uint8Array): Digest;
  /** Whether a link to nothing is one that an earlier checkout made, and whose object is gone. */
  readonly isLost?: (absolute: string, target: string) => boolean;
  /** Whether nothing more need be done for a file, or a tree, that did not change. */
  isKept(folder: IndexFolder, at: number): boolean;
  isTreeKept(tree: StoredTree, entries: number): boolean;
}

/** One scan. */
export interface Scan {
  readonly contents: Contents;
  /** The path that the scan began with: links may point to anything in it. */
  readonly top: string;
  /** The device on which the times of folders are trusted. */
  readonly trusted: number | null;
  /** Files of folders that were never listed before. */
  newFiles: number;
}

/** A folder that was looked at. */
export interface Folder {
  readonly absolute: string;
  readonly path: string;
  readonly name: string;
  readonly stat: Stats;
}

/** What the mode of a file tells. */
export function kindOf({ mode }: Pick<Stats, 'mode'>): 'file' | 'executable' {
  return (mode & 0o100) === 0 ? 'file' : 'executable';
}
