import { expect, test } from 'vitest';
import { createPipelineProject, outcomesOf, reasonsOf } from '../../support/pipeline-project.ts';

test.each([
  ['a file', 'in', 'cp in keep; echo other > in; cat in > out; cat keep > in'],
  ['a file in a folder', 'd', 'echo other > d/a; cat d/a > out; echo 1 > d/a'],
  ['a file that a pattern matches', 'd/*', 'mv d/a keep; echo other > d/a; cat d/a > out; echo 1 > d/a'],
])('%s that changed and was changed back while its stage ran leads to no record', async (_, path, cmd) => {
  const project = await createPipelineProject(`stages: { s: { cmd: "${cmd}", deps: ["${path}"], outs: [out] } }`, {
    in: '1\n',
    'd/a': '1\n',
  });
  const done = await project.repro();
  expect(outcomesOf(done)).toEqual({ s: 'failed' });
  expect(reasonsOf(done, 's')).toContain('changed-during-run');
  expect(project.exists('out')).toBe(false);
  expect((await project.open()).readLockfile().stages).toEqual({});
});

test('an input that got another name, and one that was only read, did not change', async () => {
  const cmd = 'ln in other; cat in > out';
  const project = await createPipelineProject(`stages: { s: { cmd: "${cmd}", deps: [in], outs: [out] } }`, {
    in: '1\n',
  });
  expect(outcomesOf(await project.repro())).toEqual({ s: 'ran' });
});

test.each([
  ['what it was', 'printf "p: 2\\n" > params.yaml; cat params.yaml > out; printf "p: 1\\n" > params.yaml', 'failed'],
  ['another param', 'printf "p: 1\\nq: 2\\n" > params.yaml; echo > out', 'ran'],
])('a params file that was rewritten to %s while its stage ran', async (_, cmd, outcome) => {
  const project = await createPipelineProject(`stages: { s: { cmd: '${cmd}', params: [p], outs: [out] } }`, {
    'params.yaml': 'p: 1\n',
  });
  const done = await project.repro();
  expect(outcomesOf(done)).toEqual({ s: outcome });
  expect(reasonsOf(done, 's').includes('changed-during-run')).toBe(outcome === 'failed');
});
