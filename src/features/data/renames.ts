import type { Digest } from '../../core/digest.ts';
import { compareCodePoints } from '../../core/value.ts';

/** A file on one side of a difference. */
export interface DiffedFile {
  readonly path: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

/** A file that has another name now. */
export interface Rename {
  readonly from: string;
  readonly to: string;
  readonly digest: Digest;
}

/** What is left of two lists when the files that were renamed are taken out of both. */
export interface Renames {
  readonly added: readonly DiffedFile[];
  readonly deleted: readonly DiffedFile[];
  readonly renamed: readonly Rename[];
}

/** A file that is gone in one place and there in another with the same bytes was renamed; by the same name first. */
export function pairRenames(added: readonly DiffedFile[], deleted: readonly DiffedFile[]): Renames {
  const pairs = new Map<DiffedFile, DiffedFile>();
  const taken = new Set<DiffedFile>();
  for (const keyOf of [byNameToo, byContent]) {
    const gone = new Map<string, DiffedFile[]>();
    for (const file of [...deleted].reverse()) {
      if (file.size === 0 || taken.has(file)) continue;
      const others = gone.get(keyOf(file));
      if (others === undefined) gone.set(keyOf(file), [file]);
      else others.push(file);
    }
    for (const file of added) {
      const match = pairs.has(file) ? undefined : gone.get(keyOf(file))?.pop();
      if (match === undefined) continue;
      pairs.set(file, match);
      taken.add(match);
    }
  }
  const renamed = [...pairs].map(([to, from]): Rename => ({ from: from.path, to: to.path, digest: to.digest }));
  return {
    added: added.filter((file) => !pairs.has(file)),
    deleted: deleted.filter((file) => !taken.has(file)),
    renamed: renamed.sort((a, b) => compareCodePoints(a.to, b.to)),
  };
}

function byContent({ digest }: DiffedFile): string {
  return digest;
}

function byNameToo({ digest, path }: DiffedFile): string {
  return `${digest} ${path.slice(path.lastIndexOf('/') + 1)}`;
}
