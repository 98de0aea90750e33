import type { Digest } from '../../../core/digest.ts';
import type { WantedObject } from '../collect.ts';
import type { SelectedPath } from '../select.ts';
import { type BringTrees, collectWhole } from './collect.ts';
import type { Transfer } from './context.ts';

/** What is looked at: the part of a push that has been planned, and what a remote says of the rest. */
export interface PartialPush {
  readonly cache: Transfer['cache'];
  readonly paths: Transfer['paths'];
  /** What goes to the remote, or is there. */
  readonly wanted: readonly WantedObject[];
  readonly bring: BringTrees;
  /** The sizes, on the remote, of those that it has. */
  readonly present: (digests: readonly Digest[]) => Promise<ReadonlyMap<Digest, number>>;
}

/** What is selected, where a folder of which only a part is pushed counts as whole when the remote has the rest of it. */
export async function asWhole({
  cache,
  paths,
  wanted,
  bring,
  present,
}: PartialPush): Promise<Map<string, SelectedPath>> {
  const selected = new Map(paths);
  const going = new Set(wanted.map(({ digest }) => digest));
  for (const [path, { inside, ...locked }] of paths) {
    if (inside === undefined) continue;
    const all = await collectWhole(cache, new Map([[path, locked]]), bring);
    const rest = all.filter(({ digest }) => !going.has(digest)).map(({ digest }) => digest);
    const sizes = await present(rest);
    const isSound = (digest: Digest) =>
      sizes.has(digest) && (cache.sizeOf(digest) ?? sizes.get(digest)) === sizes.get(digest);
    if (rest.every(isSound)) selected.set(path, locked);
  }
  return selected;
}
