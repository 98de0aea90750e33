import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MlopsError } from '../../../src/core/errors.ts';
import { examine } from '../../../src/features/doctor/doctor.ts';
import { probeLink } from '../../../src/features/doctor/link-probe.ts';
import { addRemote } from '../../../src/features/remotes/add.ts';
import { createProject, type OpenedProject } from '../../support/open-project.ts';
import { createFolder } from '../../support/sandbox.ts';

async function examined({ open, sandbox }: OpenedProject, remote: string | null = null) {
  const signal = new AbortController().signal;
  const request = { cwd: sandbox.root, env: { ...process.env }, signal, remote, project: () => open() };
  const { checks } = await examine(request);
  return new Map(checks.map((check) => [check.name, check]));
}

test('everything that a project stands on is looked at, and nothing is changed', async () => {
  const project = await createProject();
  const before = readdirSync(project.sandbox.root, { recursive: true }).toSorted();
  const checks = await examined(project);
  expect(checks.get('Node')).toMatchObject({ ok: true, message: expect.stringContaining(process.versions.node) });
  expect(checks.get('Git')).toMatchObject({ ok: true, message: expect.stringMatching(/^\d+\./) });
  expect(checks.get('Digests')).toMatchObject({ ok: true, message: expect.stringContaining('BLAKE3') });
  expect(checks.get('project')).toMatchObject({ ok: true, message: project.sandbox.root });
  expect(checks.get('Cache')).toMatchObject({ ok: true, message: expect.stringMatching(/files by (reflink|copy)$/) });
  expect(checks.get('tensorflow')).toMatchObject({ ok: null, hint: expect.stringContaining('tfjs-node') });
  expect(readdirSync(project.sandbox.root, { recursive: true }).toSorted()).toEqual(before);
});

test('a mistake in a file is told with its place', async () => {
  const project = await createProject();
  const invalid = () =>
    Promise.reject(
      new MlopsError('invalid-file', 'There is a mistake in .mlops.yaml.', {
        problems: [{ file: '.mlops.yaml', line: 3, column: 1, message: 'No such key.' }],
      }),
    );
  const checks = await examined({ ...project, open: invalid });
  expect(checks.get('project')).toMatchObject({ ok: false, message: expect.stringContaining('.mlops.yaml:3') });
});

describe('remotes', () => {
  test('are all tried when none is named; that there are none is no mistake', async () => {
    const project = await createProject();
    expect((await examined(project)).get('Remotes')).toMatchObject({ ok: null, message: 'none' });
    await addRemote(await project.open(), { name: 'near', url: await createFolder() });
    await addRemote(await project.open(), { name: 'far', url: '/no/such/mount/iris' });
    const checks = await examined(project);
    expect(checks.get('Remote near')).toMatchObject({ ok: true });
    expect(checks.get('Remote far')).toMatchObject({ ok: false, hint: expect.any(String) });
  });

  test('are tried for real by their name', async () => {
    const project = await createProject();
    const folder = await createFolder();
    await addRemote(await project.open(), { name: 'near', url: folder });
    expect((await examined(project, 'near')).get('Remote near')).toMatchObject({
      ok: true,
      message: expect.stringContaining('can be read and written'),
    });
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'a file in its place');
    expect((await examined(project, 'near')).get('Remote near')?.hint).not.toBeUndefined();
  });
});

test('the first way to fill the workspace that works is found, and the attempts leave nothing', async () => {
  const [cache, workspace] = [await createFolder(), join(await createFolder(), 'tmp')];
  mkdirSync(workspace);
  expect(probeLink(cache, workspace, ['hardlink', 'copy'])).toBe('hardlink');
  expect(probeLink(cache, workspace, ['copy'])).toBe('copy');
  expect([...readdirSync(cache), ...readdirSync(workspace)]).toEqual([]);
});
