import type { Digest } from '../../core/digest.ts';

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
  const gone = new Map<Digest, DiffedFile[]>();
  for (const file of deleted) if (file.size > 0) gone.set(file.digest, [...(gone.get(file.digest) ?? []), file]);
  const renamed: Rename[] = [];
  const stillAdded = added.filter((file) => {
    const candidates = gone.get(file.digest) ?? [];
    const match = candidates.find(({ path }) => nameOf(path) === nameOf(file.path)) ?? candidates[0];
    if (match === undefined) return true;
    candidates.splice(candidates.indexOf(match), 1);
    renamed.push({ from: match.path, to: file.path, digest: file.digest });
    return false;
  });
  const taken = new Set(renamed.map(({ from }) => from));
  return { added: stillAdded, deleted: deleted.filter(({ path }) => !taken.has(path)), renamed };
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
