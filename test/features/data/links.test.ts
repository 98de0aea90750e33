import { chmodSync, lstatSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkoutPaths } from '../../../src/features/data/checkout/checkout.ts';
import { planGc, removeGarbage } from '../../../src/features/data/gc/gc.ts';
import { relinkPaths } from '../../../src/features/data/checkout/relink.ts';
import { removePaths } from '../../../src/features/data/remove.ts';
import { dataStatus } from '../../../src/features/data/status.ts';
import { createProject, type OpenedProject } from '../../support/open-project.ts';
import { createPipelineProject, outcomesOf } from '../../support/pipeline-project.ts';
import { track } from '../../support/tracking.ts';

const ALL = { targets: [], force: false, allowMissing: false };

async function linkedProject(link: string, files: Record<string, string>): Promise<OpenedProject> {
  const project = await createProject({ '.mlops.yaml': `cache: { link: [${link}] }\n`, ...files });
  await track(await project.open(), ...Object.keys(files));
  await relinkPaths(await project.open(), [], { rev: null, dryRun: false });
  return project;
}

function isLink(path: string): boolean {
  const stat = lstatSync(path);
  return stat.isSymbolicLink() || stat.nlink > 1;
}

async function gcLater(project: OpenedProject) {
  const opened = await project.open({ now: () => new Date(Date.now() + 48 * 3600 * 1000) });
  const scope = { allBranches: false, allTags: false, allCommits: false, revs: [], since: null, skipRevs: [] };
  const request = { scope, graceMilliseconds: 3600 * 1000, projects: [], forget: [] };
  return removeGarbage(opened, await planGc(opened, request), request);
}

describe.each(['hardlink', 'symlink'])('files that are a %s into the cache', (link) => {
  test('are copies of their own once nothing tracks them', async () => {
    const project = await linkedProject(link, { 'raw.csv': 'raw' });
    const raw = project.sandbox.path('raw.csv');
    expect(isLink(raw)).toBe(true);
    await removePaths(await project.open(), { paths: ['raw.csv'], outs: false, force: false, dryRun: true });
    expect(isLink(raw)).toBe(true);
    await removePaths(await project.open(), { paths: ['raw.csv'], outs: false, force: false, dryRun: false });
    expect(isLink(raw)).toBe(false);
    expect(await gcLater(project)).toMatchObject({ removed: 1 });
    expect(readFileSync(raw, 'utf8')).toBe('raw');
  });

  test('are no links where they are programs, which objects are not', async () => {
    const project = await linkedProject(link, { 'run.sh': 'true\n' });
    const run = project.sandbox.path('run.sh');
    rmSync(run);
    writeFileSync(run, 'true\n');
    chmodSync(run, 0o755);
    await track(await project.open(), 'run.sh');
    rmSync(run);
    await checkoutPaths(await project.open(), ALL);
    expect(isLink(run)).toBe(false);
    expect(statSync(run).mode & 0o100).toBe(0o100);
    expect((await dataStatus(await project.open(), [])).map(({ state }) => state)).toEqual(['unchanged']);
    expect(await relinkPaths(await project.open(), [], { rev: null, dryRun: false })).toEqual([]);
  });

  test('and persist are private copies before a stage writes to them', async () => {
    const cmd = (line: string) =>
      `cache: { link: [${link}] }\nstages:\n  s: { cmd: "echo ${line} >> log", outs: [{ log: { persist: true } }] }\n`;
    const project = await createPipelineProject(cmd('one'));
    await project.repro();
    await relinkPaths(await project.open(), [], { rev: null, dryRun: false });
    expect(isLink(project.path('log'))).toBe(true);
    await project.write({ '.mlops.yaml': cmd('two') });
    expect(outcomesOf(await project.repro())).toEqual({ s: 'ran' });
    expect(readFileSync(project.path('log'), 'utf8')).toBe('one\ntwo\n');
    expect(isLink(project.path('log'))).toBe(false);
    const cache = await (await project.open()).cache();
    for (const { digest } of cache.list()) expect(cache.isSound(digest)).toBe(true);
  });
});

test('an object that a link in the workspace points to stays, though no lockfile names it', async () => {
  const project = await linkedProject('symlink', { 'raw.csv': 'raw', 'other.csv': 'other' });
  symlinkSync('raw.csv', project.sandbox.path('user-made'));
  await (await project.open()).updateLockfile(({ stages }) => ({ stages, data: {} }));
  rmSync(project.sandbox.path('other.csv'));
  expect(await gcLater(project)).toMatchObject({ kept: 1, removed: 1 });
  expect(readFileSync(project.sandbox.path('user-made'), 'utf8')).toBe('raw');
  expect(readdirSync(project.sandbox.root)).toContain('raw.csv');
});
