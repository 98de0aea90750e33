import { buffer } from 'node:stream/consumers';
import type { Digest } from '../../../core/digest.ts';
import { MlopsError } from '../../../core/errors.ts';
import { makePack } from '../../../stores/cache/whole-packs.ts';
import { encodePackIndex } from '../../../stores/cache/pack-index.ts';
import { isCondemned } from '../../../stores/remotes/deleting.ts';
import { digestOfKey, indexKeyOf, keyOf, packKeyOf } from '../../../stores/remotes/object-key.ts';
import type { Remote } from '../../../stores/remotes/remote.ts';
import { digestOf } from '../../../system/hash.ts';
import { statSync } from 'node:fs';
import type { RemotePack } from '../transfer/remote-packs.ts';
import type { RemotePlan, Repacked } from './remote-plan.ts';

/** Carries a plan out, each thing looked at again just before it goes. Returns the objects of which a copy stayed after all. */
export async function removePlanned(remote: Remote, cacheDir: string, plan: RemotePlan): Promise<Set<Digest>> {
  const stayed = new Set<Digest>();
  for (const one of plan.repacked) {
    if (!(await repack(remote, cacheDir, one))) keep(one.pack);
  }
  for (const pack of plan.packs) {
    if (!(await removePack(remote, pack))) keep(pack);
  }
  for (const prefix of new Set([...plan.single.keys()].map((digest) => keyOf(digest).slice(0, -62)))) {
    const going: string[] = [];
    for await (const { key, modified } of remote.list(prefix)) {
      const digest = digestOfKey(key);
      const moment = digest === undefined ? undefined : plan.single.get(digest);
      if (digest === undefined || moment === undefined) continue;
      if (isCondemned(moment, modified)) going.push(key);
      else stayed.add(digest);
    }
    if (going.length > 0) await remote.delete(going);
  }
  return stayed;

  function keep({ index }: RemotePack): void {
    for (const { digest } of index.objects()) stayed.add(digest);
  }
}

/** Puts what is alive into a new pack, and only then removes the old one. */
async function repack(remote: Remote, cacheDir: string, { pack, alive }: Repacked): Promise<boolean> {
  let bytes: Buffer;
  try {
    bytes = await buffer(await remote.get(packKeyOf(pack.name)));
  } catch (error) {
    // Another collection was faster.
    if (error instanceof MlopsError && error.kind === 'data-missing') return true;
    throw error;
  }
  const places = new Map(alive.map((object) => [object.digest, object]));
  const made = makePack(cacheDir, places.keys(), (digest) => {
    const { offset = 0, length = 0 } = places.get(digest) ?? {};
    const found = bytes.subarray(offset, offset + length);
    return digestOf(found) === digest ? found : undefined;
  });
  try {
    // What is damaged is not thrown away: perhaps somebody can mend it.
    if (made === null || made.objects.length < alive.length) return false;
    await remote.put(packKeyOf(made.name), { type: 'file', path: made.path, size: statSync(made.path).size }, 'always');
    await remote.put(indexKeyOf(made.name), { type: 'bytes', bytes: encodePackIndex(made.objects) }, 'always');
  } finally {
    made?.drop();
  }
  return removePack(remote, pack);
}

/** Its index first: a pack without one is nothing, an index without its pack a lie. */
async function removePack(remote: Remote, { name, modified }: RemotePack): Promise<boolean> {
  const entry = await remote.head(packKeyOf(name));
  if (entry !== undefined && entry.modified > modified) return false;
  await remote.delete([indexKeyOf(name)]);
  await remote.delete([packKeyOf(name)]);
  return true;
}
