import type { Digest } from '../../../core/digest.ts';
import { isCondemned, momentsOf, type Note } from '../../../stores/remotes/deleting.ts';
import type { PackedObject } from '../../../stores/cache/pack-format.ts';
import type { RemotePack } from '../transfer/remote-packs.ts';
import type { Contents } from './remote-contents.ts';

/** A pack of which only a part is needed. */
export interface Repacked {
  readonly pack: RemotePack;
  /** In the order in which they lie there. */
  readonly alive: readonly PackedObject[];
}

/** What a collection does with a remote. */
export interface RemotePlan {
  /** To be deleted, with their sizes: no copy of them stays. */
  readonly garbage: ReadonlyMap<Digest, number>;
  /** The copies by themselves that go, with the moment of the note by which they do. */
  readonly single: ReadonlyMap<Digest, number>;
  readonly packs: readonly RemotePack[];
  readonly repacked: readonly Repacked[];
  /** Notes that are done with. */
  readonly done: readonly Note[];
  /** Notes that wait. */
  readonly pending: readonly Note[];
  /** Every object that was listed. */
  readonly sizes: ReadonlyMap<Digest, number>;
  /** What nobody needs, and no note has yet. */
  readonly unnoted: ReadonlySet<Digest>;
  readonly abandoned: readonly string[];
  readonly kept: number;
}

/** A pack of which less is alive is made anew. */
const ENOUGH_ALIVE = 0.6;

/** Decides by what is marked and by the notes: what is still unmarked and not younger than a note that has waited, goes. */
export function planRemote(
  { single, packs, notes, abandoned, sizes }: Contents,
  isMarked: (digest: Digest) => boolean,
  isRipe: (note: Note) => boolean,
): RemotePlan {
  const done = notes.filter(isRipe);
  const pending = notes.filter((note) => !isRipe(note));
  const moments = momentsOf(done);
  const goes = (digest: Digest, modified: number) => !isMarked(digest) && isCondemned(moments.get(digest), modified);

  const gone: RemotePack[] = [];
  const repacked: Repacked[] = [];
  const stays = new Set<Digest>();
  for (const pack of packs) {
    const objects = [...pack.index.objects()];
    const alive = objects.filter(({ digest }) => !goes(digest, pack.modified));
    const bytes = alive.reduce((sum, { length }) => sum + length, 0);
    if (alive.length === 0) gone.push(pack);
    else if (alive.length < objects.length && bytes < pack.size * ENOUGH_ALIVE) {
      repacked.push({ pack, alive: alive.toSorted((a, b) => a.offset - b.offset) });
    } else for (const { digest } of objects) stays.add(digest);
    for (const { digest } of alive) stays.add(digest);
  }
  const going = new Map<Digest, number>();
  for (const [digest, { modified }] of single) {
    if (goes(digest, modified)) going.set(digest, moments.get(digest) ?? 0);
    else stays.add(digest);
  }
  const garbage = new Map([...sizes].filter(([digest]) => !stays.has(digest)));
  const noted = new Set(pending.flatMap(({ digests }) => [...digests]));
  const unnoted = new Set<Digest>();
  const note = (digest: Digest) => {
    if (stays.has(digest) && !isMarked(digest) && !noted.has(digest)) unnoted.add(digest);
  };
  for (const digest of single.keys()) note(digest);
  for (const pack of packs) {
    const objects = [...pack.index.objects()];
    const needed = objects.reduce((sum, { digest, length }) => sum + (isMarked(digest) ? length : 0), 0);
    // Else it stays as it is, and a note would come to nothing.
    if (needed < pack.size * ENOUGH_ALIVE) for (const { digest } of objects) note(digest);
  }
  return {
    garbage,
    single: going,
    packs: gone,
    repacked,
    done,
    pending,
    unnoted,
    sizes,
    abandoned,
    kept: sizes.size - garbage.size,
  };
}
