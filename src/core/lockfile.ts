import type { Digest } from './digest.ts';
import type { OutputRole } from './stage.ts';
import type { Value, ValueMap } from './value.ts';

/** A file by content. `executable` is the only permission bit that is kept. */
export interface LockedFile {
  readonly kind: 'file';
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly executable: boolean;
}

/** A folder by content: the digest of its root tree, and the totals of all files beneath. */
export interface LockedTree {
  readonly kind: 'tree';
  readonly digest: Digest;
  /** Bytes of all files beneath. */
  readonly size: number;
  readonly files: number;
}

/** What a path was when it was recorded. */
export type LockedPath = LockedFile | LockedTree;

/** Data tracked by `add`, with its origin when it was imported. */
export type LockedData = LockedPath & { readonly from?: ValueMap };

/** What a stage was when it last ran: everything that the decision to run it again looks at. */
export interface LockedStage {
  /** The scripts; null for a built-in stage. One script is written as a text, several as a list. */
  readonly cmd: readonly string[] | null;
  readonly shell: string | null;
  readonly wdir: string;
  readonly deps: Readonly<Record<string, LockedPath>>;
  /** File → dotted name → value. A whole file is under the name `*`. */
  readonly params: Readonly<Record<string, Readonly<Record<string, Value>>>>;
  /** Environment variables that are inputs; null when unset, which is not the same as empty. */
  readonly env: Readonly<Record<string, string | null>>;
  readonly outputs: Readonly<Record<string, LockedOutput>>;
  /** The resolved configuration of a built-in stage under its runner's name (`{ train: {…} }`); null for a command. */
  readonly settings: ValueMap | null;
}

/** An output with what was said of it in the pipeline. */
export type LockedOutput = LockedPath & {
  readonly role: OutputRole;
  readonly cache: boolean;
  readonly persist: boolean;
};

/** All that is known of the project's data and stages: what `.mlops.lock.yaml` says. */
export interface Lockfile {
  readonly data: Readonly<Record<string, LockedData>>;
  readonly stages: Readonly<Record<string, LockedStage>>;
}

/** The lockfile of a project in which nothing was added and nothing ran. */
export const EMPTY_LOCKFILE: Lockfile = { data: {}, stages: {} };

/** Every path whose bytes the lockfile names: tracked data and the outputs of stages. */
export function lockedPaths(lockfile: Lockfile): Map<string, LockedPath> {
  const paths = new Map<string, LockedPath>(Object.entries(lockfile.data));
  for (const stage of Object.values(lockfile.stages)) {
    for (const [path, output] of Object.entries(stage.outputs)) paths.set(path, output);
  }
  return paths;
}
