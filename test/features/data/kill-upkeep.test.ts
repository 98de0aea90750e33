import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { checkoutPaths } from '../../../src/features/data/checkout/checkout.ts';
import { movePaths } from '../../../src/features/data/move.ts';
import { dataStatus } from '../../../src/features/data/status.ts';
import { commitWorkspace } from '../../../src/features/pipeline/commit.ts';
import { digestOf } from '../../../src/system/hash.ts';
import { createProject, type OpenedProject } from '../../support/open-project.ts';
import { BINARY } from '../../support/run-binary.ts';
import { GIT_ENV } from '../../support/sandbox.ts';
import { track } from '../../support/tracking.ts';

const FILES = 600;
const HOURS = 3600 * 1000;
const moments = Array.from({ length: 6 }, (_, round) => 90 + round * 60);

const pathOf = (at: number, top = 'data') => `${top}/${at % 6}/${at}.bin`;
const contentOf = (version: string, at: number) => `${version} of ${at}\n`.repeat(20);

function writeVersion({ sandbox }: OpenedProject, version: string): void {
  for (let folder = 0; folder < 6; folder++) mkdirSync(sandbox.path(`data/${folder}`), { recursive: true });
  for (let at = 0; at < FILES; at++) writeFileSync(sandbox.path(pathOf(at)), contentOf(version, at));
}

async function killDuring({ sandbox }: OpenedProject, argv: readonly string[], milliseconds: number): Promise<void> {
  const env = { ...GIT_ENV, XDG_CONFIG_HOME: sandbox.path('.no-config') };
  const child = spawn(process.execPath, [BINARY, ...argv], { cwd: sandbox.root, env, stdio: 'ignore' });
  const ended = once(child, 'exit');
  await Promise.race([wait(milliseconds), ended]);
  child.kill('SIGKILL');
  await ended;
}

function objectsOf({ sandbox }: OpenedProject): string[] {
  return ['objects', 'packs'].flatMap((kind) => {
    const folder = sandbox.path(`.mlops/cache/v1/${kind}`);
    const found = existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [];
    return found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  });
}

function age(project: OpenedProject): void {
  const old = new Date(Date.now() - 5 * HOURS);
  for (const path of objectsOf(project)) utimesSync(path, old, old);
}

/** Whether the bytes of every file are somewhere: under one of these folders, or in the cache. */
async function lost(project: OpenedProject, version: string, ...tops: string[]): Promise<number[]> {
  const cache = await (await project.open()).cache();
  return Array.from({ length: FILES }, (_, at) => at).filter((at) => {
    const text = contentOf(version, at);
    const isThere = tops.some((top) => {
      const path = project.sandbox.path(pathOf(at, top));
      return existsSync(path) && readFileSync(path, 'utf8') === text;
    });
    return !isThere && !cache.isSound(digestOf(text));
  });
}

test('gc, killed at any moment, has removed nothing that is needed, and goes on', async () => {
  const project = await createProject();
  for (const version of ['old', 'new']) {
    writeVersion(project, version);
    await track(await project.open(), 'data');
    await project.sandbox.commit(version);
  }
  for (const moment of moments) {
    age(project);
    await killDuring(project, ['gc', '--workspace', '--yes'], moment);
    expect(await lost(project, 'new')).toEqual([]);
    expect(await dataStatus(await project.open(), [])).toMatchObject([{ state: 'unchanged', cached: true }]);
  }
  age(project);
  await killDuring(project, ['gc', '--workspace', '--yes'], 60_000);
  expect(await lost(project, 'new')).toEqual([]);
  expect(await lost(project, 'old')).toHaveLength(FILES);
  // The files, their six folders and the one around them.
  const cache = await (await project.open()).cache();
  expect([...cache.list()]).toHaveLength(FILES + 7);
});

test('commit, killed at any moment, leaves every byte somewhere, and goes on', async () => {
  const project = await createProject();
  writeVersion(project, 'old');
  await track(await project.open(), 'data');
  writeVersion(project, 'new');
  for (const moment of moments) {
    await killDuring(project, ['commit'], moment);
    expect(await lost(project, 'old')).toEqual([]);
    expect(await lost(project, 'new', 'data')).toEqual([]);
    expect(Object.keys((await project.open()).readLockfile().data)).toEqual(['data']);
  }
  await commitWorkspace(await project.open(), { targets: [], force: false, dryRun: false });
  expect(await dataStatus(await project.open(), [])).toMatchObject([{ state: 'unchanged', cached: true }]);
});

test('remove --outs and move, killed at any moment, leave every byte somewhere, and go on', async () => {
  const project = await createProject();
  writeVersion(project, 'new');
  await track(await project.open(), 'data');
  for (const moment of moments) {
    await killDuring(project, ['move', 'data', 'moved'], moment);
    const tops = ['data', 'moved'].filter((top) => project.sandbox.exists(top));
    expect(tops).toHaveLength(1);
    const { data } = (await project.open()).readLockfile();
    if ('data' in data) await movePaths(await project.open(), { from: 'data', to: 'moved', dryRun: false });
    expect(project.sandbox.exists('moved/0/0.bin')).toBe(true);
    await movePaths(await project.open(), { from: 'moved', to: 'data', dryRun: false });
    expect(await dataStatus(await project.open(), [])).toMatchObject([{ path: 'data', state: 'unchanged' }]);
  }
  for (const moment of moments) {
    await killDuring(project, ['remove', 'data', '--outs'], moment);
    expect(await lost(project, 'new', 'data')).toEqual([]);
    if (!('data' in (await project.open()).readLockfile().data)) break;
    await checkoutPaths(await project.open(), { targets: [], force: false, allowMissing: false });
    expect(await dataStatus(await project.open(), [])).toMatchObject([{ state: 'unchanged', cached: true }]);
  }
});
