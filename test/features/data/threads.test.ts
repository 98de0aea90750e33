import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addPaths } from '../../../src/features/data/add/add.ts';
import { checkCache } from '../../../src/features/data/fsck.ts';
import { dataStatus } from '../../../src/features/data/status.ts';
import { interruption } from '../../../src/core/errors.ts';
import { createProject, type OpenedProject } from '../../support/open-project.ts';

/** So many files that threads are worth it, in two folders and one within, with all that a folder may hold. */
async function createManyFiles(): Promise<OpenedProject> {
  const project = await createProject();
  const folders = ['data', 'data/m-within', 'data/z-last'].map((path) => project.sandbox.path(path));
  for (const folder of folders) mkdirSync(folder, { recursive: true });
  for (let at = 0; at < 5000; at++) {
    const name = `${String((at * 31) % 5000).padStart(4, '0')} ${at % 2 === 0 ? 'é' : 'z'}`;
    writeFileSync(join(folders[at % 3] ?? '', name), Buffer.alloc(at % 50 === 0 ? at * 20 : at % 300, `${at} `));
  }
  writeFileSync(project.sandbox.path('data/large'), Buffer.alloc(1_500_000, 'large'));
  writeFileSync(project.sandbox.path('data/z-last/program'), '#!/bin/sh\n');
  chmodSync(project.sandbox.path('data/z-last/program'), 0o755);
  symlinkSync('large', project.sandbox.path('data/link'));
  return project;
}

const add = async (project: OpenedProject, threads: number) =>
  addPaths(await project.open({ env: { MLOPS_WORKERS: String(threads) } }), {
    paths: ['data'],
    force: false,
    dryRun: false,
  });

test('one thread, two and eight find the same, and what they put into the cache is whole', async () => {
  const project = await createManyFiles();
  const found = new Set<string>();
  for (const threads of [1, 2, 8]) {
    for (const path of ['.mlops/cache', '.mlops/index', '.mlops.lock.yaml']) {
      rmSync(project.sandbox.path(path), { recursive: true, force: true });
    }
    await add(project, threads);
    found.add(await project.sandbox.read('.mlops.lock.yaml'));
    const packs = readdirSync(project.sandbox.path('.mlops/cache/v1/packs'));
    found.add(packs.filter((name) => name.endsWith('.pack')).join());
    const checked = await checkCache(await project.open(), { targets: [], repair: false, remote: null, fast: false });
    expect(checked).toMatchObject({ damaged: [], missing: [] });
    expect(await dataStatus(await project.open(), [])).toMatchObject([{ state: 'unchanged', cached: true }]);
  }
  expect(found.size).toBe(2);
});

test.each([1, 8])('with %i threads a file that may not be read is named', async (threads) => {
  const project = await createManyFiles();
  const [name = ''] = readdirSync(project.sandbox.path('data/z-last'));
  chmodSync(project.sandbox.path(`data/z-last/${name}`), 0);
  if (process.getuid?.() === 0) {
    execFileSync('chown', ['-R', '65534', project.sandbox.root]);
    process.seteuid?.(65534);
  }
  try {
    await expect(add(project, threads)).rejects.toMatchObject({
      kind: 'file-system',
      message: `Cannot read ${project.sandbox.path(`data/z-last/${name}`)}: permission denied.`,
    });
  } finally {
    if (process.getuid?.() === 0) process.seteuid?.(0);
  }
  expect(project.sandbox.exists('.mlops.lock.yaml')).toBe(false);
});

test('Ctrl-C stops the reading of one long file, and what was copied of it is put away', async () => {
  const project = await createProject({ 'long.bin': '' });
  truncateSync(project.sandbox.path('long.bin'), 2 ** 30);
  const controller = new AbortController();
  const bytes: number[] = [];
  const opened = await project.open({
    signal: controller.signal,
    report(event) {
      if (event.type !== 'progress') return;
      bytes.push(event.bytes ?? 0);
      controller.abort(interruption('SIGINT'));
    },
  });
  const adding = addPaths(opened, { paths: ['long.bin'], force: false, dryRun: false });
  await expect(adding).rejects.toMatchObject({ kind: 'interrupted' });
  expect(bytes[0]).toBeGreaterThan(0);
  expect(bytes[0]).toBeLessThan(2 ** 30);
  expect(readdirSync(project.sandbox.path('.mlops/cache/v1/tmp'))).toEqual([]);
  expect(project.sandbox.exists('.mlops.lock.yaml')).toBe(false);
});
