import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { addPaths } from '../../../src/features/data/add/add.ts';
import { checkoutPaths } from '../../../src/features/data/checkout/checkout.ts';
import { dataStatus } from '../../../src/features/data/status.ts';
import { digestOf } from '../../../src/system/hash.ts';
import { readPack } from '../../support/pack-reader.ts';
import { createProject, type OpenedProject } from '../../support/open-project.ts';
import { BINARY } from '../../support/run-binary.ts';
import { GIT_ENV } from '../../support/sandbox.ts';

const ROUNDS = 8;
const FILES = 1200;

/** What file `at` holds: most are small, a few are not. */
const contentOf = (at: number): Buffer => Buffer.alloc(at % 100 === 0 ? 700_000 : 300, `${at} `);

async function projectWithFiles(): Promise<OpenedProject> {
  const project = await createProject();
  for (let folder = 0; folder < 12; folder++) mkdirSync(project.sandbox.path(`data/${folder}`), { recursive: true });
  for (let at = 0; at < FILES; at++) writeFileSync(project.sandbox.path(pathOf(at)), contentOf(at));
  return project;
}

const pathOf = (at: number) => `data/${at % 12}/${at}.bin`;

/** Starts the real program and kills it, as the kernel would, after a while. */
async function killDuring(project: OpenedProject, argv: readonly string[], milliseconds: number): Promise<void> {
  const env = { ...GIT_ENV, XDG_CONFIG_HOME: project.sandbox.path('.no-config') };
  const child = spawn(process.execPath, [BINARY, ...argv], { cwd: project.sandbox.root, env, stdio: 'ignore' });
  const ended = once(child, 'exit');
  await Promise.race([wait(milliseconds), ended]);
  child.kill('SIGKILL');
  await ended;
}

/** Every object that has its name has its bytes. */
function checkObjects(project: OpenedProject): number {
  const objects = project.sandbox.path('.mlops/cache/v1/objects');
  let count = 0;
  for (const prefix of existsSync(objects) ? readdirSync(objects) : []) {
    for (const rest of readdirSync(join(objects, prefix))) {
      expect(digestOf(readFileSync(join(objects, prefix, rest)))).toBe(`blake3:${prefix}${rest}`);
      count++;
    }
  }
  const packs = project.sandbox.path('.mlops/cache/v1/packs');
  for (const name of existsSync(packs) ? readdirSync(packs) : []) {
    if (!name.endsWith('.pack')) continue;
    const bytes = readFileSync(join(packs, name));
    expect(`${digestOf(bytes)}.pack`).toBe(`blake3:${name}`);
    for (const [digest, content] of readPack(bytes)) expect(digestOf(content)).toBe(`blake3:${digest}`);
    count += readPack(bytes).size;
  }
  return count;
}

/** Moments from the start of a process to well into its work, spread evenly; the last of them let it nearly finish. */
const moments = Array.from({ length: ROUNDS }, (_, round) => 60 + round * 70);

test('add, killed at any moment, leaves whole objects and a sound lockfile, and goes on', async () => {
  const project = await projectWithFiles();
  for (const moment of moments) {
    await killDuring(project, ['add', 'data'], moment);
    checkObjects(project);
    const { data } = (await project.open()).readLockfile();
    expect(Object.keys(data).length).toBeLessThanOrEqual(1);
    // The path is out of Git before the lockfile names it.
    if ('data' in data) expect(await project.sandbox.read('.gitignore')).toContain('/data\n');
    else await project.sandbox.write({ [pathOf(1)]: `changed for the round of ${moment} ms` });
  }
  writeFileSync(project.sandbox.path(pathOf(1)), contentOf(1));
  await addPaths(await project.open(), { paths: [project.sandbox.path('data')], force: false, dryRun: false });
  expect(await dataStatus(await project.open(), [])).toMatchObject([{ state: 'unchanged', cached: true }]);
  expect(checkObjects(project)).toBeGreaterThan(FILES);
});

test('checkout, killed at any moment, leaves only parts of what is wanted, and goes on', async () => {
  const project = await projectWithFiles();
  await addPaths(await project.open(), { paths: [project.sandbox.path('data')], force: false, dryRun: false });
  renameSync(project.sandbox.path('data'), project.sandbox.path('before'));
  for (const moment of moments) {
    await killDuring(project, ['checkout'], moment);
    for (let at = 0; at < FILES; at++) {
      const path = project.sandbox.path(pathOf(at));
      if (!existsSync(path)) continue;
      const bytes = readFileSync(path);
      expect(contentOf(at).subarray(0, bytes.length).equals(bytes)).toBe(true);
    }
    checkObjects(project);
    if (moment % 3 === 0) rmSync(project.sandbox.path('data'), { recursive: true, force: true });
  }
  const result = await checkoutPaths(await project.open(), { targets: [], force: false, allowMissing: false });
  expect(result).toMatchObject({ kept: [], failed: [], deleted: [] });
  for (let at = 0; at < FILES; at++) {
    expect(readFileSync(project.sandbox.path(pathOf(at))).equals(contentOf(at))).toBe(true);
  }
  expect(await dataStatus(await project.open(), [])).toMatchObject([{ state: 'unchanged' }]);
});
