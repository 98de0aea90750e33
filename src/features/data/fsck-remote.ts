import { statSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import type { Digest } from '../../core/digest.ts';
import { MlopsError } from '../../core/errors.ts';
import type { Project } from '../../project/project.ts';
import type { Cache } from '../../stores/cache/cache.ts';
import type { PackedObject } from '../../stores/cache/pack-format.ts';
import { encodePackIndex } from '../../stores/cache/pack-index.ts';
import { makePack } from '../../stores/cache/whole-packs.ts';
import { indexKeyOf, keyOf, packKeyOf } from '../../stores/remotes/object-key.ts';
import type { Remote } from '../../stores/remotes/remote.ts';
import { digestOf, DigestStream } from '../../system/hash.ts';
import { mapConcurrent } from '../../system/map-concurrent.ts';
import { readContents } from './gc/remote-contents.ts';
import type { RemotePack } from './transfer/remote-packs.ts';

/** What was found on a remote. */
export interface RemoteFindings {
  readonly checked: number;
  /** Objects of which a copy there is not what it should be. */
  readonly damaged: ReadonlySet<Digest>;
  /** Those of them that are sound again. */
  readonly repaired: ReadonlySet<Digest>;
  /** Names of packs that are cut off, or whose index is: what is in them is not there. */
  readonly broken: ReadonlySet<string>;
}

/** A remote that is not asked, or not made yet. */
export const NOTHING_THERE: RemoteFindings = { checked: 0, damaged: new Set(), repaired: new Set(), broken: new Set() };

interface Check {
  readonly cache: Cache;
  readonly remote: Remote;
  /** Null: everything. */
  readonly wanted: ReadonlySet<Digest> | null;
  readonly repair: boolean;
}

// Each pack that is looked at is held in memory.
const PACKS_AT_ONCE = 3;

/** Reads objects on a remote and hashes them; damaged ones are replaced by those of the cache, which was checked before. */
export async function checkOnRemote(
  project: Project,
  { wanted, repair, name }: Pick<Check, 'wanted' | 'repair'> & { readonly name: string },
): Promise<RemoteFindings> {
  const cache = await project.cache();
  const remote = await project.openRemote(name);
  const stop = () => remote.close();
  project.signal.addEventListener('abort', stop, { once: true });
  try {
    if (!(await remote.prepare({ dryRun: true }))) return NOTHING_THERE;
    const { packs, single, broken } = await readContents(remote, cache.dir);
    const check = { cache, remote, wanted, repair };
    const isWanted = (digest: Digest) => wanted === null || wanted.has(digest);
    const damaged = new Set<Digest>();
    const repaired = new Set<Digest>();
    const checked = new Set<Digest>();
    const note = (bad: readonly Digest[], mended: readonly Digest[]) => {
      for (const digest of bad) damaged.add(digest);
      for (const digest of mended) repaired.add(digest);
    };
    await mapConcurrent(packs, PACKS_AT_ONCE, async (pack) => {
      const objects = [...pack.index.objects()];
      if (!objects.some(({ digest }) => isWanted(digest))) return;
      for (const { digest } of objects) checked.add(digest);
      const { bad, mended } = await checkPack(check, pack, objects);
      note(bad, mended);
    });
    await mapConcurrent([...single.keys()].filter(isWanted), remote.defaultJobs, async (digest) => {
      checked.add(digest);
      if (!(await isSound(remote, digest))) note([digest], repair && (await replace(check, digest)) ? [digest] : []);
    });
    return { checked: checked.size, damaged, repaired, broken };
  } finally {
    project.signal.removeEventListener('abort', stop);
    remote.close();
  }
}

async function checkPack({ cache, remote, repair }: Check, pack: RemotePack, objects: readonly PackedObject[]) {
  const bytes = await buffer(await remote.get(packKeyOf(pack.name)));
  const inPlace = new Map(
    objects.map((object) => [object.digest, bytes.subarray(object.offset, object.offset + object.length)]),
  );
  const bad = objects.flatMap(({ digest }) =>
    digestOf(inPlace.get(digest) ?? Buffer.alloc(0)) === digest ? [] : [digest],
  );
  if (bad.length === 0 || !repair) return { bad, mended: [] };

  const isBad = new Set(bad);
  const order = objects.toSorted((a, b) => a.offset - b.offset).map(({ digest }) => digest);
  const made = makePack(cache.dir, order, (digest) =>
    isBad.has(digest) ? fromCache(cache, digest) : inPlace.get(digest),
  );
  if (made === null) return { bad, mended: [] };
  try {
    // With all of its objects it is the same pack again, and takes its place.
    await remote.put(packKeyOf(made.name), { type: 'file', path: made.path, size: statSync(made.path).size }, 'always');
    await remote.put(indexKeyOf(made.name), { type: 'bytes', bytes: encodePackIndex(made.objects) }, 'always');
  } finally {
    made.drop();
  }
  const isMade = new Set(made.objects.map(({ digest }) => digest));
  return { bad, mended: bad.filter((digest) => isMade.has(digest)) };
}

async function isSound(remote: Remote, digest: Digest): Promise<boolean> {
  try {
    const stream = new DigestStream();
    for await (const chunk of await remote.get(keyOf(digest))) stream.update(chunk as Uint8Array);
    return stream.digest() === digest;
  } catch (error) {
    // Somebody has deleted it meanwhile: then it is not damaged.
    if (error instanceof MlopsError && error.kind === 'data-missing') return true;
    throw error;
  }
}

async function replace({ cache, remote }: Check, digest: Digest): Promise<boolean> {
  const path = cache.isSound(digest) ? cache.pathOf(digest) : undefined;
  if (path !== undefined) {
    await remote.put(keyOf(digest), { type: 'file', path, size: statSync(path).size }, 'always');
    return true;
  }
  const bytes = fromCache(cache, digest);
  if (bytes === undefined) return false;
  await remote.put(keyOf(digest), { type: 'bytes', bytes }, 'always');
  return true;
}

function fromCache(cache: Cache, digest: Digest): Uint8Array | undefined {
  try {
    return cache.has(digest) ? cache.readBytes(digest) : undefined;
  } catch (error) {
    if (error instanceof MlopsError && (error.kind === 'damaged' || error.kind === 'data-missing')) return undefined;
    throw error;
  }
}
