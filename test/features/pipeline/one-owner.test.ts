import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { Lockfile } from '../../../src/core/lockfile.ts';
import { addPaths } from '../../../src/features/data/add/add.ts';
import { checkoutPaths } from '../../../src/features/data/checkout/checkout.ts';
import { commitWorkspace } from '../../../src/features/pipeline/commit.ts';
import { encodeLockfile, parseLockfile } from '../../../src/stores/documents/lockfile.ts';
import { createPipelineProject, outcomesOf, reasonsOf } from '../../support/pipeline-project.ts';

const MAKES = (...outs: string[]) =>
  `cmd: "for f in ${outs.join(' ')}; do cat in > $f; done", deps: [in], outs: [${outs.join(', ')}]`;

test('what a removed stage wrote and a person adds has one entry, and its new bytes are what checkout brings', async () => {
  const project = await createPipelineProject(`stages: { s: { ${MAKES('o', 'p')} } }`, { in: 'old' });
  await project.repro();
  await project.write({ '.mlops.yaml': '', o: 'new' });
  const opened = await project.open();
  await addPaths(opened, { paths: [project.path('o')], force: false, dryRun: false });
  expect(opened.readLockfile().stages).toEqual({});
  await rm(project.path('o'));
  await checkoutPaths(await project.open(), { targets: ['o'], force: false, allowMissing: false });
  expect(await project.read('o')).toBe('new');
});

test('an output that moves to another stage takes the entry of the first along; a dry run tells the reasons of the run', async () => {
  const project = await createPipelineProject(`stages: { s1: { ${MAKES('o', 'p')} }, s2: { ${MAKES('q')} } }`, {
    in: '1',
  });
  await project.repro();
  await project.write({ '.mlops.yaml': `stages: { s1: { ${MAKES('p')} }, s2: { ${MAKES('o', 'q')} } }` });
  expect(outcomesOf(await project.repro({ targets: ['s2'] }))).toEqual({ s2: 'ran' });
  expect(Object.keys((await project.open()).readLockfile().stages)).toEqual(['s2']);
  expect(outcomesOf(await project.repro())).toEqual({ s1: 'ran', s2: 'up-to-date' });
});

test('a stage whose output another one took in the same run keeps its reasons', async () => {
  const project = await createPipelineProject(`stages: { s1: { ${MAKES('o', 'p')} } }`, { in: '1' });
  await project.repro();
  const after = `{ cmd: "cat o > p", deps: [o], outs: [p] }`;
  await project.write({ '.mlops.yaml': `stages: { s1: ${after}, s2: { ${MAKES('o')} } }` });
  const said = await project.repro({ dryRun: true });
  const done = await project.repro();
  expect(outcomesOf(done)).toEqual({ s2: 'ran', s1: 'ran' });
  expect(reasonsOf(done, 's1')).toEqual(reasonsOf(said, 's1'));
  expect(Object.keys((await project.open()).readLockfile().stages).toSorted()).toEqual(['s1', 's2']);
});

test.each(['repro', 'commit'])('%s forgets removed stages also when there is nothing else to do', async (command) => {
  const project = await createPipelineProject(`stages: { s1: { ${MAKES('o')} }, s2: { ${MAKES('p')} } }`, { in: '1' });
  await project.repro();
  await project.write({ '.mlops.yaml': `stages: { s1: { ${MAKES('o')} } }` });
  const opened = await project.open();
  const result =
    command === 'repro'
      ? await project.repro()
      : await commitWorkspace(opened, { targets: [], force: false, dryRun: false });
  expect(result.changedFiles).toEqual(['.mlops.lock.yaml']);
  expect(Object.keys((await project.open()).readLockfile().stages)).toEqual(['s1']);
});

const FILE = { kind: 'file', digest: `blake3:${'0'.repeat(64)}`, size: 1, executable: false } as const;
const TREE = { kind: 'tree', digest: FILE.digest, size: 1, files: 1 } as const;
const OUTPUT = { role: 'outs', cache: true, persist: false } as const;
const stage = (...paths: string[]) => ({
  cmd: ['x'],
  shell: null,
  wdir: '.',
  params: {},
  env: {},
  settings: null,
  deps: {},
  outputs: Object.fromEntries(paths.map((path) => [path, { ...FILE, ...OUTPUT }])),
});

test.each<[string, Lockfile, string]>([
  ['data and an output', { data: { o: FILE }, stages: { s: stage('o') } }, 'tracked data'],
  ['two outputs', { data: {}, stages: { s: stage('d/o'), t: stage('d/o') } }, 'an output of "s"'],
  ['an output in a tracked folder', { data: { d: TREE }, stages: { s: stage('d/o') } }, 'tracked data'],
  ['names that are one where case is ignored', { data: { O: FILE, o: FILE }, stages: {} }, 'tracked data'],
])('a lockfile that names a path twice is damaged: %s', (_, lockfile, owner) => {
  let problem = '';
  try {
    parseLockfile(encodeLockfile(lockfile));
  } catch (error) {
    problem = JSON.stringify(error);
  }
  expect(problem).toContain('are one path, or one lies in the other');
  expect(JSON.parse(problem).problems[0].message).toContain(`${owner}, are one`);
});
