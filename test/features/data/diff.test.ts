import { renameSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type DiffRequest, diffRevisions } from '../../../src/features/data/diff.ts';
import { pairRenames } from '../../../src/features/data/renames.ts';
import { initProject } from '../../../src/project/init.ts';
import { openProject } from '../../../src/project/open.ts';
import { digestOf } from '../../../src/system/hash.ts';
import { createProject, type OpenedProject } from '../../support/open-project.ts';
import { createFolder } from '../../support/sandbox.ts';
import { track } from '../../support/tracking.ts';

const diff = async (project: OpenedProject, request: Partial<DiffRequest> = {}) =>
  diffRevisions(await project.open(), { revisions: [], paths: [], ...request });
const NOTHING = { added: [], deleted: [], modified: [], renamed: [] };
const part = (text: string) => ({ digest: digestOf(text), size: text.length });
const side = (text: string) => ({ ...part(text), kind: 'file' });

/** One commit with `data` and `raw.csv`. */
async function committed(): Promise<OpenedProject> {
  const project = await createProject({ 'data/a': 'aa', 'data/deep/b': 'bbb', 'raw.csv': 'x' });
  await track(await project.open(), 'data', 'raw.csv');
  await project.sandbox.commit('one');
  return project;
}

test('HEAD against the workspace, file by file, renames among them', async () => {
  const project = await committed();
  expect(await diff(project)).toEqual({ from: 'HEAD', to: 'workspace', ...NOTHING });
  renameSync(project.sandbox.path('data/deep/b'), project.sandbox.path('data/moved'));
  await project.sandbox.write({ 'data/a': 'other', 'data/new': 'n' });
  rmSync(project.sandbox.path('raw.csv'));
  expect(await diff(project)).toEqual({
    from: 'HEAD',
    to: 'workspace',
    added: [{ path: 'data/new', ...part('n') }],
    deleted: [{ path: 'raw.csv', ...part('x') }],
    modified: [{ path: 'data/a', before: side('aa'), after: side('other') }],
    renamed: [{ from: 'data/deep/b', to: 'data/moved', digest: digestOf('bbb') }],
  });
});

test('two revisions, in both spellings, without the workspace', async () => {
  const project = await committed();
  await project.sandbox.git('tag', 'v1.0');
  await project.sandbox.write({ 'data/a': 'two' });
  await track(await project.open(), 'data');
  await project.sandbox.commit('two');
  await project.sandbox.write({ 'data/a': 'three' });
  const expected = { ...NOTHING, modified: [{ path: 'data/a', before: side('aa'), after: side('two') }] };
  expect(await diff(project, { revisions: ['v1.0', 'HEAD'] })).toEqual({ from: 'v1.0', to: 'HEAD', ...expected });
  expect(await diff(project, { revisions: ['v1.0..HEAD'] })).toEqual({ from: 'v1.0', to: 'HEAD', ...expected });
  expect((await diff(project, { revisions: ['v1.0'] })).modified).toMatchObject([{ after: part('three') }]);
});

test('a tracked path that came or went is told file by file', async () => {
  const project = await createProject({ 'README.md': '' });
  await project.sandbox.commit('nothing tracked');
  await project.sandbox.write({ 'data/a': 'aa', 'data/b': 'b' });
  await track(await project.open(), 'data');
  expect((await diff(project)).added.map(({ path }) => path)).toEqual(['data/a', 'data/b']);
  await project.sandbox.commit('data');
  expect((await diff(project, { revisions: ['HEAD', 'HEAD~1'] })).deleted.map(({ path }) => path)).toEqual([
    'data/a',
    'data/b',
  ]);
});

test('only the paths that matter', async () => {
  const project = await committed();
  await project.sandbox.write({ 'data/a': 'other', 'data/deep/b': 'other', 'raw.csv': 'other' });
  const paths = async (...chosen: string[]) =>
    (await diff(project, { paths: chosen })).modified.map(({ path }) => path);
  expect(await paths('data/deep')).toEqual(['data/deep/b']);
  expect(await paths('data/a', 'raw.csv')).toEqual(['data/a', 'raw.csv']);
  expect(await paths('.')).toHaveLength(3);
});

test('a path that neither side tracks is a mistake; one that either side has is not', async () => {
  const project = await committed();
  const wrong = (path: string) => diff(project, { paths: [path] });
  await expect(wrong('raw.cvs')).rejects.toMatchObject({
    kind: 'usage',
    message: 'Neither side tracks raw.cvs; did you mean "raw.csv"?',
  });
  for (const path of ['nope', 'data/nope', 'data/deep/b/c', 'raw.csv/x', 'dat']) {
    await expect(wrong(path)).rejects.toMatchObject({ kind: 'usage' });
  }
  await project.sandbox.write({ 'data/new': 'n' });
  rmSync(project.sandbox.path('data/deep'), { recursive: true });
  expect((await wrong('data/new')).added).toHaveLength(1);
  expect((await wrong('data/deep/b')).deleted).toHaveLength(1);
  rmSync(project.sandbox.path('.mlops/cache'), { recursive: true });
  expect((await diff(project, { revisions: ['HEAD', 'HEAD'], paths: ['data/any'] })).deleted).toEqual([]);
});

test('a folder whose list of files is not here is compared as a whole, and said to be', async () => {
  const project = await committed();
  await project.sandbox.write({ 'data/a': 'two' });
  await track(await project.open(), 'data');
  rmSync(project.sandbox.path('.mlops/cache'), { recursive: true });
  expect((await diff(project)).modified.map(({ path }) => path)).toEqual(['data']);
  expect(project.events).toContainEqual(expect.objectContaining({ type: 'warning', hint: 'mlops fetch' }));
});

test('too many revisions, and names that Git does not know, are mistakes of usage', async () => {
  const project = await committed();
  await expect(diff(project, { revisions: ['a', 'b', 'c'] })).rejects.toMatchObject({ kind: 'usage' });
  await expect(diff(project, { revisions: ['nowhere'] })).rejects.toMatchObject({ kind: 'usage' });
});

test('without Git there is no history, and that is said by name', async () => {
  const root = await createFolder();
  await initProject({ cwd: root, git: false, subdir: false, force: false, env: {} });
  const project = await openProject(root, {
    env: {},
    now: () => new Date(),
    report: () => undefined,
    signal: new AbortController().signal,
    waitMilliseconds: 0,
  });
  await expect(diffRevisions(project, { revisions: [], paths: [] })).rejects.toMatchObject({ kind: 'no-git' });
});

test('renames go by the same name first, one to one, and never for empty files', () => {
  const file = (path: string, text: string) => ({ path, ...part(text) });
  expect(
    pairRenames(
      [file('new/a', 'same'), file('new/b', 'same'), file('new/c', 'same'), file('new/empty', '')],
      [file('old/b', 'same'), file('old/x', 'same'), file('old/empty', '')],
    ),
  ).toEqual({
    added: [file('new/c', 'same'), file('new/empty', '')],
    deleted: [file('old/empty', '')],
    renamed: [
      { from: 'old/x', to: 'new/a', digest: digestOf('same') },
      { from: 'old/b', to: 'new/b', digest: digestOf('same') },
    ],
  });
});
