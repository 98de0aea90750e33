import { mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { Digest } from '../../../src/core/digest.ts';
import { describePlan, type GcRequest, planGc, removeGarbage } from '../../../src/features/data/gc/gc.ts';
import { checkoutPaths } from '../../../src/features/data/checkout/checkout.ts';
import { whileCollecting } from '../../../src/stores/cache/collection.ts';
import { digestOf } from '../../../src/system/hash.ts';
import { withLease } from '../../../src/system/lease.ts';
import { createProject, type OpenedProject, openedProject } from '../../support/open-project.ts';
import { createFolder, createSandbox } from '../../support/sandbox.ts';
import { track } from '../../support/tracking.ts';

const HOUR = 3600 * 1000;
const NOTHING = { allBranches: false, allTags: false, allCommits: false, revs: [], since: null, skipRevs: [] };
const later = (hours: number) => ({ now: () => new Date(Date.now() + hours * HOUR) });

async function plan(
  project: OpenedProject,
  scope: Partial<GcRequest['scope']> = {},
  more: Partial<GcRequest> = {},
  hours = 2,
) {
  const opened = await project.open(later(hours));
  const request = { scope: { ...NOTHING, ...scope }, graceMilliseconds: HOUR, projects: [], forget: [], ...more };
  return { opened, request, plan: await planGc(opened, request) };
}

async function gc(
  project: OpenedProject,
  scope: Partial<GcRequest['scope']> = {},
  more: Partial<GcRequest> = {},
  hours = 2,
) {
  const { opened, plan: planned, request } = await plan(project, scope, more, hours);
  return removeGarbage(opened, planned, request);
}

/** What of some texts is in the project's cache. */
async function held(project: OpenedProject, ...texts: string[]): Promise<string[]> {
  const cache = await (await project.open()).cache();
  return texts.filter((text) => cache.has(digestOf(text)));
}

/** Tracks a new content of `raw.csv` and commits it. */
async function commitText(project: OpenedProject, text: string): Promise<string> {
  await project.sandbox.write({ 'raw.csv': text });
  await track(await project.open(), 'raw.csv');
  return project.sandbox.commit(text);
}

describe('gc', () => {
  test('keeps what the workspace names, and removes the rest', async () => {
    const project = await createProject();
    await commitText(project, 'one');
    await commitText(project, 'two');
    expect(await gc(project)).toMatchObject({ kept: 1, removed: 1, bytes: 3, dryRun: false, scheduled: [] });
    expect(await held(project, 'one', 'two')).toEqual(['two']);
  });

  test('keeps whole folders, pages and all, and knows what is in the ones that go', async () => {
    const project = await createProject();
    const many = Object.fromEntries(Array.from({ length: 4200 }, (_, at) => [`images/${at}.txt`, `${at}`]));
    await project.sandbox.write({ ...many, 'images/deep/x.txt': 'deep' });
    await track(await project.open(), 'images');
    await project.sandbox.commit('first');
    expect(await gc(project)).toMatchObject({ removed: 0 });
    await project.sandbox.write({ 'images/7.txt': 'changed', 'images/deep/x.txt': 'changed too' });
    await track(await project.open(), 'images');
    await project.sandbox.commit('second');
    // What no longer is needed lies among much that is.
    expect(await gc(project)).toMatchObject({ removed: 0, young: 0 });
    expect(describePlan((await plan(project)).plan).waiting).toBeGreaterThanOrEqual(4);
    const most = Object.entries(many).map(([path, text], at) => [path, at < 3000 ? `${text} changed` : text]);
    await project.sandbox.write(Object.fromEntries(most));
    await track(await project.open(), 'images');
    await project.sandbox.git('add', '.mlops.lock.yaml');
    const told = describePlan((await plan(project)).plan);
    expect(told.objects.map(({ path }) => path).filter((path) => path?.endsWith('.txt'))).toEqual(
      expect.arrayContaining(['images/7.txt', 'images/deep/x.txt']),
    );
    expect(told.objects.every(({ path }) => path?.startsWith('images'))).toBe(true);
    await gc(project);
    rmSync(project.sandbox.path('images'), { recursive: true });
    const back = await checkoutPaths(await project.open(), { targets: [], force: false, allowMissing: false });
    expect(back).toMatchObject({ failed: [] });
    expect(back.added).toHaveLength(4201);
    expect(await held(project, 'deep', 'changed too')).toEqual(['changed too']);
  });

  test('every scope keeps what it says', async () => {
    const project = await createProject();
    const { git } = project.sandbox;
    const first = await commitText(project, 'first');
    await commitText(project, 'tagged');
    await git('tag', 'v1');
    await git('checkout', '-q', '-b', 'side');
    await commitText(project, 'side');
    await git('checkout', '-q', 'main');
    await git('update-ref', 'refs/remotes/origin/theirs', 'side');
    await commitText(project, 'main');
    const all = ['first', 'tagged', 'side', 'main'];
    const kept = async (scope: Partial<GcRequest['scope']>) => {
      const gone = new Set((await plan(project, scope)).plan.garbage.map(({ digest }) => digest));
      return all.filter((text) => !gone.has(digestOf(text)));
    };
    expect(await kept({})).toEqual(['main']);
    expect(await kept({ allBranches: true })).toEqual(['side', 'main']);
    await git('branch', '-qD', 'side');
    expect(await kept({ allBranches: true })).toEqual(['side', 'main']);
    expect(await kept({ allTags: true })).toEqual(['tagged', 'main']);
    expect(await kept({ revs: [first] })).toEqual(['first', 'main']);
    expect(await kept({ revs: ['HEAD~2', 'v1'] })).toEqual(['first', 'tagged', 'main']);
    expect(await kept({ since: '2029-01-01T00:00:00.000Z' })).toEqual(all);
    expect(await kept({ since: '2031-01-01T00:00:00.000Z' })).toEqual(['main']);
    expect(await kept({ allCommits: true })).toEqual(all);
    await gc(project, { allCommits: true });
    expect(await held(project, ...all)).toEqual(all);
  });

  test('what is staged, stashed or in another worktree is needed as well', async () => {
    const project = await createProject();
    const { git } = project.sandbox;
    await commitText(project, 'base');
    await project.sandbox.write({ 'raw.csv': 'stashed' });
    await track(await project.open(), 'raw.csv');
    await git('stash');
    const elsewhere = join(await createFolder(), 'tree');
    await git('worktree', 'add', '-q', '--detach', elsewhere);
    const other = openedProject({ ...project.sandbox, root: elsewhere });
    writeFileSync(join(elsewhere, 'raw.csv'), 'worktree');
    await track(await other.open(), 'raw.csv');
    await project.sandbox.write({ 'raw.csv': 'staged' });
    await track(await project.open(), 'raw.csv');
    await git('add', '.mlops.lock.yaml');
    await project.sandbox.write({ 'raw.csv': 'now' });
    await track(await project.open(), 'raw.csv');
    await project.sandbox.write({ 'raw.csv': 'never named' });
    await (await (await project.open()).cache()).putBytes(Buffer.from('never named'));

    const texts = ['base', 'stashed', 'worktree', 'staged', 'now', 'never named'];
    await gc(project);
    expect(await held(project, ...texts)).toEqual(['base', 'stashed', 'worktree', 'staged', 'now']);

    rmSync(elsewhere, { recursive: true });
    await expect(gc(project)).rejects.toMatchObject({ hint: 'If it is gone for good: git worktree prune' });
    await git('worktree', 'prune');
    await gc(project);
    expect(await held(project, 'worktree')).toEqual([]);
  });

  test('what was put within the grace period stays, and so does what is put again meanwhile', async () => {
    const project = await createProject();
    await commitText(project, 'one');
    await commitText(project, 'two');
    expect(await gc(project, {}, {}, 0.9)).toMatchObject({ removed: 0, young: 1 });
    expect(await gc(project, {}, { graceMilliseconds: 0 }, 0.9)).toMatchObject({ removed: 0, young: 1 });
    expect(await gc(project, {}, { graceMilliseconds: 30 * HOUR }, 20)).toMatchObject({ removed: 0, young: 1 });

    const { opened, plan: planned, request } = await plan(project);
    const cache = await opened.cache();
    const soon = new Date(Date.now() + 2 * HOUR);
    const path = cache.pathOf(digestOf('one')) ?? '';
    utimesSync(path, soon, soon);
    expect(await removeGarbage(opened, planned, request)).toMatchObject({ removed: 0, kept: 2 });
    expect(await held(project, 'one')).toEqual(['one']);
    expect(statSync(path).size).toBe(3);
  });

  test('what comes to be needed between the look and the removal stays', async () => {
    const project = await createProject();
    await commitText(project, 'one');
    await commitText(project, 'two');
    const { opened, plan: planned, request } = await plan(project);
    expect(planned.garbage.map(({ digest }) => digest)).toEqual([digestOf('one')]);
    // As an `add` that found the object there and did not touch it.
    const old = new Date(Date.now() - 10 * HOUR);
    const path = (await opened.cache()).pathOf(digestOf('one')) ?? '';
    await (
      await project.open()
    ).updateLockfile((current) => ({
      ...current,
      data: { 'again.csv': { kind: 'file', digest: digestOf('one'), size: 3, executable: false } },
    }));
    utimesSync(path, old, old);
    expect(await removeGarbage(opened, planned, request)).toMatchObject({ removed: 0 });
    expect(await held(project, 'one')).toEqual(['one']);
  });

  test('who names objects while a collection goes on, puts a new date on them, on all in a folder too', async () => {
    const project = await createProject({ 'images/1.png': 'one', 'images/deep/2.png': 'two' });
    await track(await project.open(), 'images');
    const cache = await (await project.open()).cache();
    const images = (await project.open()).readLockfile().data['images'];
    await (await project.open()).updateLockfile(() => ({ data: {}, stages: {} }));
    const old = new Date(Date.now() - 10 * HOUR);
    const paths = [...cache.list()].map(({ digest }) => cache.pathOf(digest) ?? '');
    const age = () => paths.forEach((path) => utimesSync(path, old, old));
    const isYoung = () => paths.filter((path) => Date.now() - statSync(path).mtimeMs < HOUR).length;
    const name = async () =>
      (await project.open()).updateLockfile(() => ({ data: images === undefined ? {} : { images }, stages: {} }));
    age();
    await whileCollecting(cache, await project.open(), async () => {
      await name();
      expect(isYoung()).toBe(paths.length);
    });
    age();
    await (await project.open()).updateLockfile(() => ({ data: {}, stages: {} }));
    rmSync(cache.pathOf(digestOf('two')) ?? '');
    await name();
    expect(project.events).toContainEqual({
      type: 'warning',
      message: 'images is not wholly in the cache: a collection was going on.',
      hint: 'mlops commit',
    });
  });

  test('a lockfile that cannot be read stops it, until its commit is left out; nothing was deleted', async () => {
    const project = await createProject();
    await commitText(project, 'one');
    writeFileSync(project.sandbox.path('.mlops.lock.yaml'), 'version: 1\ndata: nonsense\n');
    const broken = await project.sandbox.commit('broken');
    await project.sandbox.git('checkout', '-q', 'HEAD~1', '--', '.mlops.lock.yaml');
    await commitText(project, 'two');
    await expect(gc(project, { allCommits: true })).rejects.toMatchObject({
      kind: 'invalid-file',
      hint: `Nothing was removed. To leave this commit out: --skip-rev ${broken.slice(0, 10)}`,
    });
    expect(await held(project, 'one', 'two')).toEqual(['one', 'two']);
    expect(await gc(project, { allCommits: true, skipRevs: [broken.slice(0, 10)] })).toMatchObject({ removed: 0 });
    expect(await gc(project, { allTags: true })).toMatchObject({ removed: 1 });

    writeFileSync(project.sandbox.path('.mlops.lock.yaml'), '<<<<<<< HEAD\n');
    await expect(gc(project)).rejects.toMatchObject({ kind: 'invalid-file' });
    expect(await held(project, 'two')).toEqual(['two']);
  });

  test('a damaged list of files stops it: what is in it would be taken for rubbish', async () => {
    const project = await createProject({ 'images/1.png': 'one' });
    await track(await project.open(), 'images');
    const cache = await (await project.open()).cache();
    const tree = (await project.open()).readLockfile().data['images']?.digest as Digest;
    const path = cache.pathOf(tree) ?? '';
    rmSync(path);
    writeFileSync(path, 'damaged');
    await expect(gc(project)).rejects.toMatchObject({ kind: 'damaged' });
    // Now it is in quarantine.
    await expect(gc(project)).rejects.toMatchObject({ kind: 'damaged', hint: 'mlops fsck --repair' });
    expect(await held(project, 'one')).toEqual(['one']);
  });

  test('lockfiles of all projects of the repository count, in folders too', async () => {
    const shared = join(await createFolder(), 'cache');
    const sandbox = await createSandbox({
      'a/.mlops.yaml': `cache: { dir: "${shared}" }\n`,
      'b/.mlops.yaml': `cache: { dir: "${shared}" }\n`,
      'a/raw.csv': 'of a',
      'b/raw.csv': 'of b',
    });
    const [a, b] = ['a', 'b'].map((name) => openedProject({ ...sandbox, root: sandbox.path(name) }));
    if (a === undefined || b === undefined) return;
    await track(await a.open(), 'raw.csv');
    await track(await b.open(), 'raw.csv');
    await gc(a);
    expect(await held(a, 'of a', 'of b')).toEqual(['of a', 'of b']);
  });

  test('other clones that use a shared cache keep what they need, until they are forgotten', async () => {
    const shared = join(await createFolder(), 'cache');
    const files = { '.mlops.yaml': `cache: { dir: "${shared}" }\n` };
    const [ours, theirs] = [await createProject(files), await createProject(files)];
    await commitText(theirs, 'theirs');
    await commitText(ours, 'old');
    await commitText(ours, 'ours');
    await gc(ours);
    expect(await held(ours, 'theirs', 'old', 'ours')).toEqual(['theirs', 'ours']);

    rmSync(theirs.sandbox.root, { recursive: true });
    await expect(gc(ours)).rejects.toMatchObject({
      kind: 'refused',
      hint: `If it is gone for good: mlops gc --forget ${theirs.sandbox.root}`,
    });
    await expect(gc(ours, {}, { forget: ['/never/was'] })).rejects.toMatchObject({ kind: 'usage' });
    await gc(ours, {}, { forget: [theirs.sandbox.root] });
    expect(await held(ours, 'theirs', 'ours')).toEqual(['ours']);
    await gc(ours);
  });

  test('without Git only the workspace is known, and without any lockfile nothing is removed', async () => {
    const project = await createProject({ 'raw.csv': 'one' });
    await track(await project.open(), 'raw.csv');
    rmSync(project.sandbox.path('.git'), { recursive: true });
    await expect(gc(project, { allTags: true })).rejects.toMatchObject({ kind: 'no-git' });
    expect(await gc(project)).toMatchObject({ kept: 1, removed: 0 });
    rmSync(project.sandbox.path('.mlops.lock.yaml'));
    await expect(gc(project)).rejects.toMatchObject({ kind: 'refused' });
    expect(await held(project, 'one')).toEqual(['one']);
  });

  test.each([
    [30, 29, 31],
    [90, 80, 91],
  ])('a run of the last %i days keeps its outputs; an older record goes with them', async (days, young, old) => {
    const project = await createProject();
    await project.sandbox.write({ '.mlops.local.yaml': `cache: { keepRuns: ${days} }\n` });
    await commitText(project, 'raw');
    const cache = await (await project.open()).cache();
    const digest = cache.putBytes(Buffer.from('output'));
    const folder = project.sandbox.path('.mlops/run-cache/ab');
    mkdirSync(folder, { recursive: true });
    const text = `version: 1\nstages:\n  run:\n    cmd: make\n    outs:\n      out.txt: { file: "${digest}", size: 6 }\n`;
    writeFileSync(join(folder, 'record.yaml'), text);
    expect(await gc(project, {}, {}, young * 24)).toMatchObject({ removed: 0 });
    expect(await gc(project, {}, {}, old * 24)).toMatchObject({ removed: 1, objects: [{ digest, path: 'out.txt' }] });
    expect(readdirSync(folder)).toEqual([]);
  });
});

test('many small packs are told of, once, by whoever makes them, and are few after a collection', async () => {
  const project = await createProject();
  const cache = await (await project.open()).cache();
  for (let pack = 0; pack < 199; pack++) {
    await cache.batch((batch) => {
      for (let at = 0; at < 16; at++) batch.putBytes(Buffer.from(`${pack} ${at}`));
    });
  }
  const files = Array.from({ length: 20 }, (_, at) => [`data/${at}.txt`, `file ${at}`]);
  await project.sandbox.write(Object.fromEntries(files));
  project.events.length = 0;
  await track(await project.open(), 'data');
  const told = () => project.events.filter((event) => event.type === 'warning');
  expect(told()).toMatchObject([{ type: 'warning', hint: expect.stringContaining('mlops gc --all-commits') }]);
  expect(told()[0]?.message).toContain('200 small packs');
  const names = () => readdirSync(join(cache.dir, 'v1', 'packs')).filter((name) => name.endsWith('.pack'));
  expect(names()).toHaveLength(200);

  // Nobody needs most of them, but they are young.
  const young = await gc(project, {}, {}, 0.5);
  expect([young.removed, young.packs, names().length]).toEqual([0, 0, 200]);
  const rest = await gc(project);
  expect([rest.removed, rest.kept, names().length]).toEqual([199 * 16, 21, 1]);
  await project.sandbox.write({ 'data/a.txt': 'a', 'data/b.txt': 'b' });
  project.events.length = 0;
  await track(await project.open(), 'data');
  expect(told()).toEqual([]);
});

test('while a lockfile of another work tree is being written, a collection waits, also for one that is not there yet', async () => {
  const project = await createProject();
  await commitText(project, 'base');
  const elsewhere = join(await createFolder(), 'tree');
  await project.sandbox.git('worktree', 'add', '-q', '--detach', elsewhere);
  rmSync(join(elsewhere, '.mlops.lock.yaml'));
  const other = await openedProject({ ...project.sandbox, root: elsewhere }).open();
  await (await project.open()).cache().then((cache) => cache.putBytes(Buffer.from('theirs')));
  const theirs = { kind: 'file', digest: digestOf('theirs'), size: 6, executable: false } as const;
  const { opened, request } = await plan(project);
  const impatient = { ...opened, waitMilliseconds: 0 };
  const lease = { folder: join(elsewhere, '.mlops', 'leases'), name: 'lockfile', what: 'the lockfile' };
  await withLease({ ...other, ...lease }, async () => {
    await expect(removeGarbage(impatient, null, request)).rejects.toMatchObject({ kind: 'busy' });
  });
  await other.updateLockfile((current) => ({ ...current, data: { 'x.csv': theirs } }));
  expect(await removeGarbage(opened, null, request)).toMatchObject({ removed: 0 });
  expect(await held(project, 'theirs')).toEqual(['theirs']);
});

test('a machine whose clock is ahead takes nothing that is young by the clock of the cache', async () => {
  const project = await createProject();
  await commitText(project, 'one');
  await commitText(project, 'two');
  const { opened, request } = await plan(project);
  // Two hours ahead of the files, as this machine thinks: all its looks at the clock say so.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * HOUR });
  try {
    const ahead = { ...opened, now: () => new Date() };
    expect(await removeGarbage(ahead, null, request)).toMatchObject({ removed: 0, young: 1 });
  } finally {
    vi.useRealTimers();
  }
  expect(await held(project, 'one', 'two')).toEqual(['one', 'two']);
});
