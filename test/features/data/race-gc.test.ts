import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkCache } from '../../../src/features/data/fsck.ts';
import { createProject, type OpenedProject } from '../../support/open-project.ts';
import { runBinary } from '../../support/run-binary.ts';
import { track } from '../../support/tracking.ts';

const FILES = 800;
const ROUNDS = 8;

function age({ sandbox }: OpenedProject): void {
  const old = new Date(Date.now() - 5 * 3600 * 1000);
  for (const kind of ['objects', 'packs']) {
    const folder = sandbox.path(`.mlops/cache/v1/${kind}`);
    const found = existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [];
    for (const entry of found) if (entry.isFile()) utimesSync(join(entry.parentPath, entry.name), old, old);
  }
}

test('add and gc at the same moment, of objects that nothing named: all that is named then is there', async () => {
  const project = await createProject();
  const { sandbox } = project;
  mkdirSync(sandbox.path('data'));
  for (let at = 0; at < FILES; at++) writeFileSync(sandbox.path(`data/${at}.bin`), `content of ${at}`);
  writeFileSync(sandbox.path('other.txt'), 'kept by its name');
  await track(await project.open(), 'other.txt');
  const without = readFileSync(sandbox.path('.mlops.lock.yaml'));
  await track(await project.open(), 'data');
  let removed = 0;
  for (let round = 0; round < ROUNDS; round++) {
    // The index knows the files and the cache has them, but no lockfile names them: nothing is put anew.
    writeFileSync(sandbox.path('.mlops.lock.yaml'), without);
    for (const name of ['collecting', 'collected']) rmSync(sandbox.path(`.mlops/cache/v1/${name}`), { force: true });
    age(project);
    const started = [runBinary(sandbox.root, ['gc', '--workspace', '--yes', '--json'])];
    await new Promise((resolve) => setTimeout(resolve, round * 40));
    started.push(runBinary(sandbox.root, ['add', 'data', '--json']));
    const [gc, add] = await Promise.all(started);
    expect([gc?.exitCode, add?.exitCode]).toEqual([0, 0]);
    removed += gc?.json<{ removed: number }>().removed ?? 0;
    const check = { targets: [], repair: false, remote: null, fast: false };
    expect(await checkCache(await project.open(), check)).toMatchObject({ damaged: [], missing: [] });
    expect(Object.keys((await project.open()).readLockfile().data)).toEqual(['data', 'other.txt']);
  }
  expect(removed).toBeGreaterThan(0);
});
