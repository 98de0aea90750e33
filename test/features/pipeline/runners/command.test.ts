import { symlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createPipelineProject, outcomesOf } from '../../../support/pipeline-project.ts';

test('a stage sees where it is, what it is called, its run and its params', async () => {
  const project = await createPipelineProject(
    'stages: { "say@1": { cmd: "cat $MLOPS_PARAMS > params.json; echo $MLOPS_ROOT $MLOPS_STAGE $MLOPS_RUN > ../about", wdir: sub, params: [../params.yaml: [a.b]], outs: [params.json, ../about] } }',
    { 'params.yaml': 'a: { b: [1, 2.0, x] }\n', 'sub/.keep': '' },
  );
  const result = await project.repro();
  expect(result.failures).toEqual([]);
  expect(await project.read('about')).toBe(`${project.root} say@1 ${result.run}\n`);
  expect(JSON.parse(await project.read('sub/params.json'))).toEqual({ 'params.yaml': { 'a.b': [1, 2, 'x'] } });
});

test('a list is several scripts, each beginning in the working directory; a text is one', async () => {
  const project = await createPipelineProject(
    `
stages:
  list: { cmd: ["cd sub", "pwd > list"], outs: [list] }
  text: { cmd: "cd sub\\npwd > ../text", outs: [text] }
`,
    { 'sub/.keep': '' },
  );
  await project.repro();
  expect(await project.read('list')).toBe(`${project.root}\n`);
  expect(await project.read('text')).toBe(`${project.root}/sub\n`);
});

test('another shell is named with its own flags', async () => {
  const project = await createPipelineProject(`
stages:
  strict: { shell: "bash -euo pipefail", cmd: "false | true; echo 1 > a", outs: [a] }
  lax: { shell: "sh", cmd: "false\\necho 1 > b", outs: [b] }
`);
  expect(outcomesOf(await project.repro({ keepGoing: true }))).toEqual({ strict: 'failed', lax: 'ran' });
});

test('a shell in quotes may have blanks in its path', async () => {
  const project = await createPipelineProject(
    `stages: { s: { shell: "'my shells/sh' -e", cmd: "echo 1 > a", outs: [a] }, t: { shell: '"my shells"/sh', cmd: "echo 1 > b", outs: [b] } }`,
    { 'my shells/.keep': '' },
  );
  symlinkSync('/bin/sh', project.path('my shells/sh'));
  expect(outcomesOf(await project.repro())).toEqual({ s: 'ran', t: 'ran' });
});

test('a shell and a working directory that are not there are told by name', async () => {
  const project = await createPipelineProject(`
stages:
  shell: { shell: "no-such-shell -e", cmd: "true" }
  folder: { wdir: nowhere, cmd: "true" }
`);
  const { failures } = await project.repro({ keepGoing: true });
  expect(failures.map(({ message }) => message)).toEqual([
    expect.stringContaining('no-such-shell'),
    expect.stringContaining('nowhere'),
  ]);
});

test('what a stage says arrives line by line, by stream', async () => {
  const project = await createPipelineProject('stages: { s: { cmd: "echo one; echo two >&2" } }');
  await project.repro();
  const said = project.events.filter((event) => event.type === 'stage-output');
  expect(said).toContainEqual({ type: 'stage-output', stage: 's', stream: 'stdout', text: 'one' });
  expect(said).toContainEqual({ type: 'stage-output', stage: 's', stream: 'stderr', text: 'two' });
});

test('an output that persists is there to be continued, and comes back when that fails', async () => {
  const project = await createPipelineProject(
    'stages: { s: { cmd: "cat in >> log; test $(wc -c < log) -lt 9", deps: [in], outs: [{ log: { persist: true } }] } }',
    { in: 'abc\n' },
  );
  await project.repro();
  await project.write({ in: 'def\n' });
  await project.repro();
  expect(await project.read('log')).toBe('abc\ndef\n');
  await project.write({ in: 'ghi\n' });
  expect(outcomesOf(await project.repro())).toEqual({ s: 'failed' });
  expect(await project.read('log')).toBe('abc\ndef\n');
  expect(await project.read('.mlops/failed/s/log')).toBe('abc\ndef\nghi\n');
});
