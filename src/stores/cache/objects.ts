import type { Stats } from 'node:fs';
import type { Digest } from '../../core/digest.ts';
import type { ReadSteps } from '../../system/hash.ts';
import type { PackCollector } from './collect-packs.ts';

/** A file as it was when it was put. */
export interface PutFile {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly stat: Stats;
}

/** The objects of a project, by their digests. Several clones and users may share one: nothing in it ever changes. */
export interface Cache {
  readonly dir: string;
  /** Whether the object's final name is there. */
  has(digest: Digest): boolean;
  /** The same for many: folders are listed instead of asking for each name. It knows nothing of what comes or goes later. */
  presence(): (digest: Digest) => boolean;
  sizeOf(digest: Digest): number | undefined;
  putBytes(bytes: Uint8Array): Digest;
  /** Bytes that were hashed already. They may be used again afterwards. */
  putRead(digest: Digest, bytes: Uint8Array): void;
  /** An absolute path. A file that changes while it is read is read again once, then refused by name. */
  putFile(path: string): PutFile;
  /** The same in steps. `seen` is what the file was a moment ago: a look at it less. */
  putFileInSteps(path: string, seen: Stats): ReadSteps<PutFile>;
  /** Only bytes that have the digest get its name; others are `damaged`. */
  putStream(digest: Digest, source: AsyncIterable<Uint8Array>): Promise<void>;
  /** What the work puts through the cache it is given gets its name, and lasts, at its end: one sync for many objects. */
  batch<T>(work: (batch: Cache) => T | Promise<T>): Promise<T>;
  /** Whether the object is there with the bytes that its digest says. A damaged one goes into quarantine. */
  isSound(digest: Digest): boolean;
  /** Verified. Fails with `data-missing`, or with `damaged` once the object is in quarantine. */
  readBytes(digest: Digest): Uint8Array;
  /** The absolute path of an object that is a file of its own, for uploads. */
  pathOf(digest: Digest): string | undefined;
  /** Says that the object is still wanted, so that no collection takes it for forgotten. False when it is not there. */
  touch(digest: Digest): boolean;
  /** For a collection. */
  readonly packs: PackCollector;
  /** Puts verified bytes at a path, whole, and returns what the new file is. What is there makes way, unless `replaces` is false: then it is `refused`. */
  checkoutFile(digest: Digest, target: string, executable: boolean, replaces?: boolean): Stats;
  list(): Iterable<{ readonly digest: Digest; readonly size: number }>;
  /** Those that are files of their own, with when they were last put. */
  listLoose(): Iterable<{ readonly digest: Digest; readonly size: number; readonly modified: number }>;
}
