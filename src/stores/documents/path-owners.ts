import { foldPath } from './project-path.ts';

/** A path, and whose it is. */
export interface OwnedPath {
  readonly path: string;
  readonly owner: string;
}

/** Paths that each have an owner, as the least careful file system sees them; finds the one that another path overlaps. */
export class PathOwners {
  readonly #owned = new Map<string, OwnedPath>();
  /** Each folder that one of them lies in. */
  readonly #around = new Map<string, OwnedPath>();

  constructor(paths: readonly (readonly [path: string, owner: string])[]) {
    for (const [path, owner] of paths) this.add(path, owner);
  }

  add(path: string, owner: string): void {
    const folded = foldPath(path);
    this.#owned.set(folded, { path, owner });
    for (const folder of foldersAbove(folded)) this.#around.set(folder, { path, owner });
  }

  /** One that is the path, lies in it, or that it lies in. */
  overlapping(path: string): OwnedPath | undefined {
    const folded = foldPath(path);
    const around = foldersAbove(folded).find((folder) => this.#owned.has(folder));
    return this.#owned.get(folded) ?? this.#around.get(folded) ?? this.#owned.get(around ?? '');
  }
}

function foldersAbove(path: string): string[] {
  const folders: string[] = [];
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) folders.push(path.slice(0, at));
  return folders;
}
