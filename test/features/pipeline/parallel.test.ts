import { expect, test } from 'vitest';
import { createPipelineProject, outcomesOf, reasonsOf } from '../../support/pipeline-project.ts';

const meet = (name: string, other: string) =>
  `  ${name}: { cmd: "touch here-${name}; until test -e here-${other}; do sleep 0.01; done; echo ${name} > ${name}", outs: [${name}] }\n`;

test('with -j, stages that do not read each other run at the same time', async () => {
  const project = await createPipelineProject(`stages:\n${meet('a', 'b')}${meet('b', 'a')}`);
  const result = await project.repro({ jobs: 2 });
  expect(result.stages.map(({ stage }) => stage)).toEqual(['a', 'b']);
  expect(outcomesOf(result)).toEqual({ a: 'ran', b: 'ran' });
  expect(outcomesOf(await project.repro({ jobs: true }))).toEqual({ a: 'up-to-date', b: 'up-to-date' });
});

test('the configuration says how many when the command line does not', async () => {
  const project = await createPipelineProject(`jobs: 2\nstages:\n${meet('a', 'b')}${meet('b', 'a')}`);
  expect(outcomesOf(await project.repro())).toEqual({ a: 'ran', b: 'ran' });
});

// Each tells when it saw another one at work.
const alone = (name: string, limits: string) =>
  `  ${name}: { cmd: "mkdir busy && sleep 0.02 && rmdir busy && echo > ${name}", outs: [${name}], ${limits} }\n`;

test.each(['mutex: database', 'mutex: [database, disk]', 'resources: { gpu: 1 }'])(
  'stages with %s never run at the same time',
  async (limits) => {
    const stages = ['a', 'b', 'c', 'd'].map((name) => alone(name, limits)).join('');
    const project = await createPipelineProject(`resources: { gpu: 1 }\nstages:\n${stages}`);
    const result = await project.repro({ jobs: 4 });
    expect(result.failures).toEqual([]);
  },
);

test('when to run is no part of what a stage makes', async () => {
  const pipeline = (limits: string) => `resources: { gpu: 2 }\nstages:\n${alone('a', limits)}`;
  const project = await createPipelineProject(pipeline('frozen: false'));
  await project.repro();
  await project.write({ '.mlops.yaml': pipeline('mutex: [disk], resources: { gpu: 2 }') });
  expect(outcomesOf(await project.repro())).toEqual({ a: 'up-to-date' });
});

test.each([
  ['tpu: 1', /The stage "a" needs the resource "tpu", and no "resources:" at the top says how much/],
  ['gpus: 1', /did you mean "gpu"\?/],
  ['gpu: 3', /The stage "a" needs 3 of "gpu", of which there are only 2\./],
])('a stage that wants %s could never run, and is refused with its place', async (wanted, message) => {
  const project = await createPipelineProject(
    `resources: { gpu: 2 }\nstages:\n${alone('a', `resources: { ${wanted} }`)}`,
  );
  await expect(project.repro({ dryRun: true })).rejects.toMatchObject({
    kind: 'invalid-file',
    problems: [{ file: '.mlops.yaml', line: 3, column: 3, message: expect.stringMatching(message) as string }],
  });
});

test('after a failure, what runs ends, nothing else begins, and with keep-going only what reads it is left out', async () => {
  const project = await createPipelineProject(`
stages:
  bad: { cmd: "until test -e here; do sleep 0.01; done; exit 7", outs: [x] }
  slow: { cmd: "touch here; sleep 0.1; echo > y", outs: [y] }
  after: { cmd: "cp x z", deps: [x], outs: [z] }
  other: { cmd: "echo > w", outs: [w] }
`);
  const result = await project.repro({ jobs: 2 });
  expect(outcomesOf(result)).toEqual({ bad: 'failed', slow: 'ran', after: 'blocked', other: 'blocked' });
  expect(result.failures).toMatchObject([{ stage: 'bad', kind: 'stage-failed' }]);
  const kept = await project.repro({ jobs: 2, keepGoing: true });
  expect(outcomesOf(kept)).toEqual({ bad: 'failed', slow: 'up-to-date', after: 'blocked', other: 'ran' });
  expect(reasonsOf(kept, 'bad')).toEqual(['never-run']);
});

test('Ctrl-C ends every stage that runs; nothing is recorded and what was there comes back', async () => {
  const names = ['a', 'b', 'c'];
  const wait = names.map(
    (name) => `  ${name}: { cmd: "echo half > ${name}; echo ready; sleep 60", outs: [${name}] }\n`,
  );
  const project = await createPipelineProject(`stages:\n${wait.join('')}`, { a: 'mine\n' });
  const ctrlC = new AbortController();
  let ready = 0;
  const result = await project.repro(
    { jobs: 2, keepGoing: true },
    {
      signal: ctrlC.signal,
      onEvent: (event) => {
        if (event.type === 'stage-output' && event.text === 'ready' && ++ready === 2) ctrlC.abort();
      },
    },
  );
  expect(outcomesOf(result)).toEqual({ a: 'failed', b: 'failed', c: 'blocked' });
  expect(new Set(result.failures.map(({ kind }) => kind))).toEqual(new Set(['interrupted']));
  expect(await project.read('a')).toBe('mine\n');
  expect((await project.open()).readLockfile().stages).toEqual({});
});
