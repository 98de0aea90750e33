import type { Digest } from '../../core/digest.ts';
import type { TreeEntry } from '../../core/tree.ts';
import type { FileStat, IndexFolder, Listing } from './folder-block.ts';

/** What each file was when it was last looked at, so that it need not be read again. A convenience: it may be deleted. */
export interface WorkspaceIndex {
  /** Files that somebody had written to since they were last looked at, each time that this was found, even if they are what they were. */
  readonly rewritten: readonly string[];
  /** The digest that a file had, if it cannot have changed since. To be asked before the file is read. */
  lookUp(path: string, stat: FileStat): Digest | undefined;
  /** After a file was asked for with `lookUp`, and read. */
  record(path: string, stat: FileStat, digest: Digest): void;
  /** The same for files of one folder, by their names, that are read at a time of `clock` or later. */
  recorder(folder: string, clock: number): (name: string, stat: FileStat, digest: Digest) => void;
  /** The time of the file system, for files that are read before they are asked for. */
  clock(): number;
  /** Whether nothing is known of any file in a folder itself. */
  isNew(folder: string): boolean;
  /** After we wrote a file ourselves. */
  recordWritten(path: string, stat: FileStat, digest: Digest): void;
  /** That a folder is there, with or without files. */
  recordFolder(path: string): void;
  /**
   * A folder as it was listed, if it cannot have got or lost a name since, nor another ignore rule of its own. Undefined
   * before it is listed anew, so that what is found then can be recorded.
   */
  listed(path: string, stat: FileStat): IndexFolder | undefined;
  /** After a folder was listed, and all files in it were looked up or recorded. */
  recordListing(path: string, stat: FileStat, found: ListedFolder): void;
  /** Whether a file, or anything in a folder, was ever in this clone's workspace. */
  wasHere(path: string): boolean;
  /** The path and all beneath it are as if they had never been looked at. */
  forget(path: string): void;
  /** Paths that were put into the workspace from the lockfile, or into the lockfile from the workspace. */
  tracked(): ReadonlySet<string>;
  track(path: string): void;
  untrack(path: string): void;
  /** Whole or not at all, with what others saved meanwhile. Does nothing when nothing changed. */
  save(): void;
}

/** What a folder was found to be: all its names, the ignore rules that held, and its tree. */
export interface ListedFolder extends Pick<Listing, 'rules' | 'hasOwnRules' | 'digest' | 'size' | 'files'> {
  readonly entries: readonly TreeEntry[];
}
