import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { collectRemote, planRemoteGc, type RemoteGcRequest } from '../../../src/features/data/gc/remote.ts';
import { fetchObjects, pull, pushObjects } from '../../../src/features/data/transfer/transfer.ts';
import { addRemote } from '../../../src/features/remotes/add.ts';
import { createProject, type OpenedProject, openedProject } from '../../support/open-project.ts';
import { createRandom } from '../../support/random.ts';
import { createFolder, createSandbox, GIT_ENV } from '../../support/sandbox.ts';
import { track } from '../../support/tracking.ts';

const DAY = 24 * 3600 * 1000;
const ALL = { targets: [], remote: null, jobs: null, dryRun: false };
const SCOPE = { allBranches: true, allTags: false, allCommits: false, revs: [], since: null, skipRevs: [] };
const request = (more: Partial<RemoteGcRequest> = {}): RemoteGcRequest => {
  return { remote: 'origin', scope: SCOPE, graceMilliseconds: 14 * DAY, projects: [], forget: [], ...more };
};

/** The project as it is opened after so many days. */
const after = (project: OpenedProject, days: number) =>
  project.open({ env: GIT_ENV, now: () => new Date(Date.now() + days * DAY) });

const collect = async (project: OpenedProject, days = 0, more: Partial<RemoteGcRequest> = {}) =>
  collectRemote(await after(project, days), request(more));

async function createShared(): Promise<{ project: OpenedProject; folder: string }> {
  const project = await createProject();
  const folder = await createFolder();
  await addRemote(await project.open(), { name: 'origin', url: folder, default: true });
  return { project, folder };
}

/** Tracks what a folder holds now, and commits and pushes it. */
async function push(project: OpenedProject, files: Record<string, string>): Promise<void> {
  rmSync(project.sandbox.path('data'), { recursive: true, force: true });
  await project.sandbox.write(Object.fromEntries(Object.entries(files).map(([name, text]) => [`data/${name}`, text])));
  await track(await project.open(), 'data');
  await project.sandbox.commit('data');
  expect((await pushObjects(await project.open({ env: GIT_ENV }), ALL)).failed).toEqual([]);
}

/** Makes everything on a folder remote an hour older, so that what comes next is surely younger. */
function age(folder: string): void {
  for (const path of keysOf(folder).map((name) => join(folder, name))) {
    const before = new Date(statSync(path).mtimeMs - 3600_000);
    utimesSync(path, before, before);
  }
}

function keysOf(folder: string, below = ''): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  );
  return names.filter((name) => name.startsWith(below)).toSorted();
}

/** Another clone, with an empty cache. */
async function cloneOf({ sandbox }: OpenedProject, ...options: string[]): Promise<OpenedProject> {
  const clone = await createSandbox();
  rmSync(clone.path('.git'), { recursive: true });
  execFileSync('git', ['clone', '-q', ...options, `file://${sandbox.root}`, clone.root], { env: GIT_ENV });
  return openedProject(clone);
}

const many = (count: number, word: string) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`${at}.txt`, `${word} ${at}`]));

describe('gc --remote', () => {
  test('notes first, and removes after the grace period what still nobody needs', async () => {
    const { project, folder } = await createShared();
    await push(project, { a: 'one' });
    await push(project, { a: 'two' });
    age(folder);
    const planned = (await planRemoteGc(await after(project, 0), request())).result;
    expect(planned).toMatchObject({ removed: 0, dryRun: true, scheduled: [{ objects: 2, bytes: expect.any(Number) }] });
    expect(keysOf(folder, 'v1/deleting')).toEqual([]);

    const first = await collect(project);
    expect(first).toMatchObject({ kept: 4, removed: 0, scheduled: [{ objects: 2 }] });
    expect(Date.parse(first.scheduled[0]?.eligibleAt ?? '') - Date.now()).toBeGreaterThan(13 * DAY);
    expect(await collect(project, 13)).toMatchObject({ removed: 0, scheduled: [{ objects: 2 }] });

    const second = await collect(project, 15);
    expect(second).toMatchObject({ kept: 2, removed: 2, scheduled: [] });
    expect(second.objects.map(({ path }) => path).toSorted()).toEqual(['data', 'data/a']);
    expect(keysOf(folder, 'v1/objects').length).toBe(2);
    expect(keysOf(folder, 'v1/deleting')).toEqual([]);
    const clone = await cloneOf(project);
    expect((await fetchObjects(await clone.open({ env: GIT_ENV }), ALL)).failed).toEqual([]);
  });

  test('what a commit names again meanwhile stays, and so does what was pushed again meanwhile', async () => {
    const { project, folder } = await createShared();
    await push(project, { a: 'one' });
    const old = await project.sandbox.git('rev-parse', 'HEAD');
    await push(project, { a: 'two' });
    age(folder);
    await collect(project);
    const clone = await cloneOf(project);
    await pull(await clone.open({ env: GIT_ENV }), { ...ALL, force: false, allowMissing: false });
    // Nobody else hears of this commit, but its data was put there after the note.
    await clone.sandbox.git('checkout', '-q', old);
    rmSync(clone.sandbox.path('.mlops/cache'), { recursive: true });
    expect(await pushObjects(await clone.open({ env: GIT_ENV }), ALL)).toMatchObject({ objects: 2, failed: [] });
    expect(await collect(project, 15)).toMatchObject({ removed: 0 });

    await project.sandbox.git('branch', 'again', old);
    expect(await collect(project, 40)).toMatchObject({ removed: 0, kept: 4, scheduled: [] });
  });

  test('packs go when nothing in them is needed, and are made anew when most of them is not', async () => {
    const { project, folder } = await createShared();
    await push(project, many(40, 'gone'));
    const gone = keysOf(folder, 'v1/packs');
    await push(project, {
      ...many(40, 'kept'),
      ...Object.fromEntries(Object.entries(many(60, 'half')).map(([k, v]) => [`h${k}`, v])),
    });
    const [half = ''] = keysOf(folder, 'v1/packs').filter((key) => !gone.includes(key));
    await push(project, many(40, 'kept'));
    age(folder);
    await collect(project);
    expect(await collect(project, 15)).toMatchObject({ scheduled: [] });
    const left = keysOf(folder, 'v1/packs');
    expect(left).not.toContain(half);
    expect(left.some((key) => gone.includes(key))).toBe(false);
    expect(keysOf(folder, 'v1/idx').map((key) => key.slice(7, -4))).toEqual(left.map((key) => key.slice(9, -5)));
    const clone = await cloneOf(project);
    const fetched = await fetchObjects(await clone.open({ env: GIT_ENV }), ALL);
    expect(fetched).toMatchObject({ failed: [], objects: 41 });
  });

  test('reads the lists of files that this clone lacks from the remote', async () => {
    const { project, folder } = await createShared();
    await push(project, { 'a/b/c': 'deep', d: 'flat' });
    age(folder);
    const clone = await cloneOf(project);
    expect(await collect(clone)).toMatchObject({ removed: 0, scheduled: [], kept: 5 });
    rmSync(clone.sandbox.path('.mlops/cache'), { recursive: true });
    for (const key of keysOf(folder, 'v1/objects')) rmSync(join(folder, key));
    await expect(collect(clone)).rejects.toMatchObject({
      kind: 'data-missing',
      hint: expect.stringContaining('--skip-rev'),
    });
  });

  test.each([
    [['--depth', '1'], /is shallow/, /--unshallow/],
    [['--single-branch'], /fetches only some branches of origin/, /git config remote\.origin\.fetch/],
  ])('is refused in a clone made with %j', async (options, message, hint) => {
    const { project } = await createShared();
    await push(project, { a: 'one' });
    const clone = await cloneOf(project, ...options);
    const told = { kind: 'refused', message: expect.stringMatching(message), hint: expect.stringMatching(hint) };
    await expect(collect(clone)).rejects.toMatchObject(told);
  });

  test('is refused where nothing was fetched yet', async () => {
    const { project } = await createShared();
    await push(project, { a: 'one' });
    await project.sandbox.git('remote', 'add', 'origin', 'https://example.com/iris.git');
    await expect(collect(project)).rejects.toMatchObject({ kind: 'refused', hint: 'git fetch origin' });
  });

  test('is refused where another project uses the remote, unless that is given, too, or gone', async () => {
    const { project, folder } = await createShared();
    await push(project, { a: 'one' });
    const other = await createProject();
    await other.sandbox.write({ 'other.txt': 'another beginning' });
    await other.sandbox.commit('another');
    await addRemote(await other.open(), { name: 'origin', url: folder, default: true });
    await push(other, { b: 'other' });
    age(folder);
    const refusal: { hint?: string } = await collect(project).then(
      () => ({}),
      (error: { hint: string }) => error,
    );
    expect(refusal).toMatchObject({ kind: 'refused', message: expect.stringContaining('Another project uses') });
    expect(await collect(project, 0, { projects: [other.sandbox.root] })).toMatchObject({ kept: 4, scheduled: [] });
    const id = /--forget (\w+)$/.exec(refusal.hint ?? '')?.[1] ?? '';
    expect(await collect(project, 0, { forget: [id] })).toMatchObject({ kept: 4, scheduled: [{ objects: 2 }] });
    expect(keysOf(folder, 'v1/projects').length).toBe(1);
  });

  test('unfinished files of long ago are removed, young ones stay', async () => {
    const { project, folder } = await createShared();
    await push(project, { a: 'one' });
    const { writeFileSync, mkdirSync } = await import('node:fs');
    mkdirSync(join(folder, '.tmp'), { recursive: true });
    writeFileSync(join(folder, '.tmp/young'), '');
    writeFileSync(join(folder, '.tmp/old'), '');
    utimesSync(join(folder, '.tmp/old'), new Date(0), new Date(0));
    expect(await collect(project)).toMatchObject({ unfinished: 1 });
    expect(keysOf(folder, '.tmp')).toEqual(['.tmp/young']);
  });
});

const ROUNDS = Number(process.env['MLOPS_ROUNDS'] ?? 6);

test(
  `two clones that push, pull and collect at once lose nothing (${ROUNDS} rounds)`,
  { timeout: 600_000 + ROUNDS * 5000 },
  async () => {
    const random = createRandom(7).next;
    const { project, folder } = await createShared();
    await push(project, many(20, 'start'));
    const bare = await createFolder();
    execFileSync('git', ['init', '-q', '--bare', '-b', 'main', bare], { env: GIT_ENV });
    await project.sandbox.git('push', '-q', bare, 'main');
    const clones: OpenedProject[] = [];
    for (const name of ['ada', 'bob']) {
      const clone = await createSandbox();
      rmSync(clone.path('.git'), { recursive: true });
      execFileSync('git', ['clone', '-q', bare, clone.root], { env: GIT_ENV });
      await clone.git('checkout', '-q', '-b', name);
      clones.push(openedProject(clone));
    }
    const [ada, bob] = clones as [OpenedProject, OpenedProject];

    /** A new state of the data, some of it as it was at another time, on the remote and in the common repository. */
    async function work(clone: OpenedProject): Promise<void> {
      const word = ['kept', 'start', 'half', 'full'][Math.floor(random() * 4)] ?? '';
      if (random() < 0.3) rmSync(clone.sandbox.path('.mlops/cache'), { recursive: true, force: true });
      const back = await pull(await clone.open({ env: GIT_ENV }), { ...ALL, force: true, allowMissing: false });
      expect(back.failed).toEqual([]);

      await clone.sandbox.write({ 'note.txt': String(random()) });
      await push(clone, many(1 + Math.floor(random() * 40), word));
      await clone.sandbox.git('push', '-q', '--force', 'origin', 'HEAD');
    }

    let removed = 0;
    for (let round = 0; round < ROUNDS; round++) {
      age(folder);
      const [worker, collector] = random() < 0.5 ? [ada, bob] : [bob, ada];
      await collector.sandbox.git('fetch', '-q', '--all');
      const days = random() < 0.5 ? 0 : 15;
      const [, { removed: gone }] = await Promise.all([work(worker), collect(collector, days)]);
      removed += gone;
      for (const one of clones) {
        const reader = await cloneOf(
          openedProject({ ...one.sandbox, root: bare }),
          '--branch',
          await one.sandbox.git('branch', '--show-current'),
        ).catch(() => undefined);
        if (reader === undefined) continue;
        const { failed } = await fetchObjects(await reader.open({ env: GIT_ENV }), ALL);
        expect({ round, failed }).toEqual({ round, failed: [] });
      }
    }
    if (ROUNDS >= 6) expect(removed).toBeGreaterThan(0);
  },
);
