import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findPresent } from '../../../src/features/data/transfer/presence.ts';
import { openRemote } from '../../../src/stores/remotes/index.ts';
import { digestOfKey, keyOf } from '../../../src/stores/remotes/object-key.ts';
import { digestOf } from '../../../src/system/hash.ts';
import { remoteOptions } from '../../support/remote-options.ts';

const noCache = () => join(tmpdir(), randomUUID());

async function remoteWith(count: number) {
  const remote = await openRemote(`memory://${randomUUID()}`, remoteOptions());
  const digests = Array.from({ length: count }, (_, at) => digestOf(`object ${at}`));
  for (const digest of digests) await remote.put(keyOf(digest), { type: 'bytes', bytes: Buffer.from('x') }, 'always');
  const before = remote.requests;
  return { remote, digests, requests: () => remote.requests - before };
}

test('a few objects are asked for one by one', async () => {
  const { remote, digests, requests } = await remoteWith(5);
  const absent = digestOf('absent');
  const { sizes: present } = await findPresent(remote, noCache(), [...digests, absent], 4);
  expect([...present.keys()].toSorted()).toEqual(digests.toSorted());
  // One list of packs, and six questions.
  expect(requests()).toBe(1 + 6);
});

test('many are looked up in one list', async () => {
  const { remote, digests, requests } = await remoteWith(100);
  const { sizes: present } = await findPresent(remote, noCache(), [...digests.slice(0, 90), digestOf('absent')], 4);
  expect(present.size).toBe(90);
  expect(requests()).toBe(1 + 1);
});

test('the size on the remote is told, so that a copy that was cut off is not taken for whole', async () => {
  const { remote, digests } = await remoteWith(1);
  expect([...(await findPresent(remote, noCache(), digests, 4)).sizes.values()]).toEqual([1]);
});

test('a key is a digest and the other way round, and other keys are none', () => {
  const digest = digestOf('penguins');
  expect(keyOf(digest)).toMatch(/^v1\/objects\/[0-9a-f]{2}\/[0-9a-f]{62}$/);
  expect(digestOfKey(keyOf(digest))).toBe(digest);
  for (const key of ['v1/objects/', 'v1/packs/ab.pack', 'v1/objects/ab/cd', keyOf(digest).toUpperCase()]) {
    expect(digestOfKey(key)).toBeUndefined();
  }
});
