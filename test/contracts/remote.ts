import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ByteRange, Remote } from '../../src/stores/remotes/remote.ts';
import { createFolder } from '../support/sandbox.ts';

const bytes = (text: string) => ({ type: 'bytes' as const, bytes: Buffer.from(text) });

/** What every remote must do. A new remote calls this with a way to open a place that is empty each time, and is done. */
export function describeRemote(name: string, open: () => Promise<Remote>): void {
  const opened = () => openPlace(open);

  describe(`${name} remote`, () => {
    test('gives back what was put', async () => {
      const remote = await opened();
      expect(await remote.put('v1/objects/aa/01', bytes('flipper length'), 'if-absent')).toBe(true);
      expect(await read(remote, 'v1/objects/aa/01')).toBe('flipper length');
    });

    test('gives back an empty object', async () => {
      const remote = await opened();
      await remote.put('v1/objects/aa/00', bytes(''), 'if-absent');
      expect(await read(remote, 'v1/objects/aa/00')).toBe('');
      expect(await remote.head('v1/objects/aa/00')).toMatchObject({ size: 0 });
    });

    test.each([
      ['small', 1000],
      ['of several pieces', (9 << 20) + 7],
    ])('gives back a file that is %s', async (_, size) => {
      const remote = await opened();
      const path = join(await createFolder(), 'weights.bin');
      const content = randomBytes(size);
      writeFileSync(path, content);
      expect(await remote.put('v1/objects/aa/02', { type: 'file', path, size }, 'if-absent')).toBe(true);
      expect((await buffer(await remote.get('v1/objects/aa/02'))).equals(content)).toBe(true);
      expect(await remote.head('v1/objects/aa/02')).toMatchObject({ key: 'v1/objects/aa/02', size });
    });

    test('leaves what is there when a put is only for what is absent, and says so', async () => {
      const remote = await opened();
      await remote.put('v1/objects/aa/03', bytes('first'), 'if-absent');
      expect(await remote.put('v1/objects/aa/03', bytes('second'), 'if-absent')).toBe(false);
      expect(await read(remote, 'v1/objects/aa/03')).toBe('first');
    });

    test('replaces what is there when told to', async () => {
      const remote = await opened();
      await remote.put('v1/objects/aa/04', bytes('damaged'), 'if-absent');
      expect(await remote.put('v1/objects/aa/04', bytes('sound'), 'always')).toBe(true);
      expect(await read(remote, 'v1/objects/aa/04')).toBe('sound');
    });

    test('gives a part, and nothing beyond the end', async () => {
      const remote = await opened();
      await remote.put('v1/objects/aa/05', bytes('0123456789'), 'if-absent');
      expect(await read(remote, 'v1/objects/aa/05', { offset: 2, length: 3 })).toBe('234');
      expect(await read(remote, 'v1/objects/aa/05', { offset: 8, length: 100 })).toBe('89');
      expect(await read(remote, 'v1/objects/aa/05', { offset: 7, length: Number.MAX_SAFE_INTEGER })).toBe('789');
      expect(await read(remote, 'v1/objects/aa/05', { offset: 10, length: 5 })).toBe('');
    });

    test('lists what begins with a prefix, and only that', async () => {
      const remote = await opened();
      for (const key of ['v1/objects/aa/06', 'v1/objects/ab/07', 'v1/packs/aa.pack']) {
        await remote.put(key, bytes(key), 'if-absent');
      }
      expect(await keys(remote, 'v1/objects/')).toEqual(['v1/objects/aa/06', 'v1/objects/ab/07']);
      expect(await keys(remote, 'v1/objects/a')).toEqual(['v1/objects/aa/06', 'v1/objects/ab/07']);
      expect(await keys(remote, 'v1/objects/ab/')).toEqual(['v1/objects/ab/07']);
      expect(await keys(remote, 'v1/pa')).toEqual(['v1/packs/aa.pack']);
      expect(await keys(remote, 'v1/runs/')).toEqual([]);
    });

    test('says of an absent key that it is absent', async () => {
      const remote = await opened();
      expect(await remote.head('v1/objects/ff/ff')).toBeUndefined();
      await expect(remote.get('v1/objects/ff/ff')).rejects.toMatchObject({ kind: 'data-missing' });
    });

    test('forgets what is deleted, and does not mind what was never there', async () => {
      const remote = await opened();
      await remote.put('v1/objects/aa/08', bytes('x'), 'if-absent');
      await remote.delete(['v1/objects/aa/08', 'v1/objects/ff/ff']);
      expect(await remote.head('v1/objects/aa/08')).toBeUndefined();
      expect(await keys(remote, '')).toEqual([]);
    });

    test('of many writers of one absent key, exactly one is told that it wrote', async () => {
      const remote = await opened();
      const writers = Array.from({ length: 8 }, () => remote.put('v1/objects/aa/09', bytes('same'), 'if-absent'));
      const wrote = await Promise.all(writers);
      expect(wrote.filter(Boolean).length).toBe(1);
      expect(await read(remote, 'v1/objects/aa/09')).toBe('same');
    });

    test('a download that is not read to its end holds nothing up', async () => {
      const remote = await opened();
      const path = join(await createFolder(), 'large.bin');
      writeFileSync(path, randomBytes(3 << 20));
      await remote.put('v1/objects/aa/10', { type: 'file', path, size: 3 << 20 }, 'if-absent');
      for (let time = 0; time < 20; time++) (await remote.get('v1/objects/aa/10')).destroy();
      expect(await remote.head('v1/objects/aa/10')).toMatchObject({ size: 3 << 20 });
    });

    test('a file that vanished before its upload is named', async () => {
      const remote = await opened();
      const content = { type: 'file' as const, path: join(await createFolder(), 'gone.bin'), size: 10 };
      await expect(remote.put('v1/objects/aa/11', content, 'if-absent')).rejects.toMatchObject({
        kind: 'data-missing',
        message: expect.stringContaining('gone.bin'),
      });
    });

    test('counts its requests', async () => {
      const remote = await opened();
      const before = remote.requests;
      await remote.head('v1/objects/aa/12');
      expect(remote.requests).toBeGreaterThan(before);
    });
  });
}

async function openPlace(open: () => Promise<Remote>): Promise<Remote> {
  const remote = await open();
  onTestFinished(() => remote.close());
  await remote.prepare({ dryRun: false });
  return remote;
}

async function read(remote: Remote, key: string, range?: ByteRange): Promise<string> {
  return String(await buffer(await remote.get(key, range)));
}

async function keys(remote: Remote, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of remote.list(prefix)) found.push(key);
  return found.toSorted();
}
