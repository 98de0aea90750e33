import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hexOf } from '../../../src/core/digest.ts';
import { checkCache, type FsckRequest } from '../../../src/features/data/fsck.ts';
import { fetchObjects, pushObjects } from '../../../src/features/data/transfer/transfer.ts';
import { addRemote } from '../../../src/features/remotes/add.ts';
import { digestOf } from '../../../src/system/hash.ts';
import { createProject, type OpenedProject } from '../../support/open-project.ts';
import { createFolder } from '../../support/sandbox.ts';
import { track } from '../../support/tracking.ts';

const ALL = { targets: [], remote: 'origin', jobs: null, dryRun: false };
const LARGE = 'w'.repeat(300_000);

/** A project whose forty small files and a large one are on a remote, too. */
async function createPushed() {
  const small = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`data/${at}.txt`, `penguin ${at}`]));
  const project = await createProject({ ...small, 'data/large.bin': LARGE });
  const folder = join(await createFolder(), 'store');
  await addRemote(await project.open(), { name: 'origin', url: folder, default: true });
  await track(await project.open(), 'data');
  await pushObjects(await project.open(), ALL);
  const hex = hexOf(digestOf(LARGE));
  const packs = readdirSync(join(folder, 'v1/packs')).map((name) => join(folder, 'v1/packs', name));
  const pack = packs.find((path) => readFileSync(path).includes('penguin 7')) ?? '';
  return { project, large: join(folder, 'v1/objects', hex.slice(0, 2), hex.slice(2)), pack };
}

const fsck = async (project: OpenedProject, more: Partial<FsckRequest> = {}) =>
  checkCache(await project.open(), { targets: [], repair: false, remote: 'origin', fast: false, ...more });

/** Flips a bit of what lies at a text in a file. */
function flip(path: string, text: string): void {
  const bytes = readFileSync(path);
  const at = bytes.indexOf(text);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  rmSync(path);
  writeFileSync(path, bytes);
}

/** Whether somebody with an empty cache gets all there is. */
async function isWhole(project: OpenedProject): Promise<boolean> {
  rmSync(project.sandbox.path('.mlops/cache'), { recursive: true });
  return (await fetchObjects(await project.open(), ALL)).failed.length === 0;
}

describe('fsck of a remote', () => {
  test('has nothing to say of one that is sound', async () => {
    const { project } = await createPushed();
    expect(await fsck(project)).toMatchObject({ checked: 84, damaged: [], repaired: 0, missing: [] });
  });

  test('finds what was altered by itself and in a pack, says whose it is, and leaves it', async () => {
    const { project, large, pack } = await createPushed();
    flip(large, 'ww');
    flip(pack, 'penguin 7');
    const { damaged } = await fsck(project);
    expect(damaged.toSorted((a, b) => (a.paths.join() < b.paths.join() ? -1 : 1))).toEqual([
      { digest: digestOf('penguin 7'), where: 'remote', paths: ['data/7.txt'], repaired: false },
      { digest: digestOf(LARGE), where: 'remote', paths: ['data/large.bin'], repaired: false },
    ]);
    expect(await fsck(project, { targets: ['data/7.txt'] })).toMatchObject({ damaged: [{ paths: ['data/7.txt'] }] });
    expect(await isWhole(project)).toBe(false);
  });

  test('mends it from the cache, to the byte', async () => {
    const { project, large, pack } = await createPushed();
    const before = readFileSync(pack);
    flip(large, 'ww');
    flip(pack, 'penguin 7');
    expect(await fsck(project, { repair: true })).toMatchObject({
      repaired: 2,
      damaged: [{ repaired: true }, { repaired: true }],
    });
    expect(readFileSync(pack).equals(before)).toBe(true);
    expect(readFileSync(large, 'utf8')).toBe(LARGE);
    expect(await isWhole(project)).toBe(true);
  });

  test('mends both sides at once, each from the other', async () => {
    const { project, large, pack } = await createPushed();
    flip(pack, 'penguin 7');
    const hex = hexOf(digestOf(LARGE));
    const here = join(project.sandbox.path('.mlops/cache/v1/objects'), hex.slice(0, 2), hex.slice(2));
    flip(here, 'ww');
    rmSync(project.sandbox.path('data/large.bin'));
    const { damaged, repaired, missing } = await fsck(project, { repair: true });
    expect(damaged.map(({ where, paths, repaired: isMended }) => [where, ...paths, isMended])).toEqual([
      ['cache', 'data/large.bin', true],
      ['remote', 'data/7.txt', true],
    ]);
    expect({ repaired, missing }).toEqual({ repaired: 2, missing: [] });
    expect(readFileSync(large, 'utf8')).toBe(readFileSync(here, 'utf8'));
    expect(await isWhole(project)).toBe(true);
  });

  test('puts back a pack that was cut off', async () => {
    const { project, pack } = await createPushed();
    const before = readFileSync(pack);
    truncateSync(pack, 100);
    await fsck(project, { repair: true });
    expect(readFileSync(pack).equals(before)).toBe(true);
  });

  test('does not claim to have mended what nobody has', async () => {
    const { project, large } = await createPushed();
    flip(large, 'ww');
    rmSync(project.sandbox.path('.mlops/cache'), { recursive: true });
    rmSync(project.sandbox.path('data/large.bin'));
    expect(await fsck(project, { repair: true })).toMatchObject({
      damaged: [{ where: 'remote', paths: ['data/large.bin'], repaired: false }],
    });
  });
});
