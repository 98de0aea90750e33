import { chmod, rm } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { createPipelineProject, outcomesOf, reasonsOf } from '../../support/pipeline-project.ts';

const TWO_STAGES = `
stages:
  upper:
    cmd: tr a-z A-Z < raw.txt > upper.txt
    deps: [raw.txt]
    outs: [upper.txt]
  count:
    cmd: wc -l < upper.txt | tr -d ' ' > count.txt
    deps: [upper.txt]
    params: [unit]
    outs: [count.txt]
`;
const FILES = { 'raw.txt': 'a\nb\n', 'params.yaml': 'unit: lines\n' };
const createTwoStages = () => createPipelineProject(TWO_STAGES, FILES);

describe('what runs', () => {
  test('everything at first, nothing the second time', async () => {
    const project = await createTwoStages();
    const first = await project.repro();
    expect(outcomesOf(first)).toEqual({ upper: 'ran', count: 'ran' });
    expect(reasonsOf(first, 'upper')).toEqual(['never-run']);
    expect(await project.read('upper.txt')).toBe('A\nB\n');
    const second = await project.repro();
    expect(outcomesOf(second)).toEqual({ upper: 'up-to-date', count: 'up-to-date' });
    expect(second.run).toBeNull();
  });

  test('the lockfile does not depend on when or how often it ran', async () => {
    const [one, two] = [await createTwoStages(), await createTwoStages()];
    await one.repro();
    await two.repro({ targets: ['upper'] });
    await two.repro({}, { now: new Date('2031-01-01') });
    expect(await two.read('.mlops.lock.yaml')).toBe(await one.read('.mlops.lock.yaml'));
  });

  test('only what depends on a change', async () => {
    const project = await createTwoStages();
    await project.repro();
    await project.write({ 'params.yaml': 'unit: words\n' });
    const result = await project.repro();
    expect(outcomesOf(result)).toEqual({ upper: 'up-to-date', count: 'ran' });
    expect(result.stages[1]?.reasons).toEqual([{ type: 'param-changed', file: 'params.yaml', name: 'unit' }]);
  });

  test('a stage above that ran and wrote the same bytes leaves those below up to date', async () => {
    const project = await createTwoStages();
    await project.repro();
    await project.write({ 'raw.txt': 'A\nB\n' });
    expect(outcomesOf(await project.repro())).toEqual({ upper: 'ran', count: 'up-to-date' });
  });

  test('a dependency taken out of the pipeline is noticed', async () => {
    const project = await createTwoStages();
    await project.repro();
    await project.write({ '.mlops.yaml': TWO_STAGES.replace('params: [unit]', 'params: []') });
    expect(reasonsOf(await project.repro(), 'count')).toEqual(['param-removed']);
    await project.write({ '.mlops.yaml': TWO_STAGES.replace('    deps: [raw.txt]\n', '') });
    expect(reasonsOf(await project.repro(), 'upper')).toEqual(['dependency-removed']);
  });

  test('targets, single and downstream choose the stages', async () => {
    const project = await createTwoStages();
    expect(outcomesOf(await project.repro({ targets: ['count.txt'] }))).toEqual({ upper: 'ran', count: 'ran' });
    await project.write({ 'raw.txt': 'x\n' });
    expect(outcomesOf(await project.repro({ targets: ['count'], single: true }))).toEqual({ count: 'up-to-date' });
    expect(outcomesOf(await project.repro({ targets: ['upper'] }))).toEqual({ upper: 'ran' });
    expect(outcomesOf(await project.repro({ targets: ['upper'], downstream: true }))).toEqual({
      upper: 'up-to-date',
      count: 'ran',
    });
  });

  test('force runs what is up to date, and does not restore', async () => {
    const project = await createTwoStages();
    await project.repro();
    const result = await project.repro({ force: true });
    expect(outcomesOf(result)).toEqual({ upper: 'ran', count: 'ran' });
    expect(reasonsOf(result, 'upper')).toEqual(['forced']);
  });

  test('a frozen stage stays as it is', async () => {
    const project = await createPipelineProject(
      TWO_STAGES.replace('outs: [upper.txt]', 'outs: [upper.txt]\n    frozen: true'),
      {
        ...FILES,
        'upper.txt': 'A\n',
      },
    );
    expect(outcomesOf(await project.repro())).toEqual({ upper: 'frozen', count: 'ran' });
  });

  test('an environment variable that is an input is compared, unset and empty being two things', async () => {
    const project = await createPipelineProject('stages: { s: { cmd: "echo $WHO > o", env: [WHO], outs: [o] } }');
    await project.repro();
    expect(reasonsOf(await project.repro({}, { env: { WHO: '' } }), 's')).toEqual(['env-changed']);
    expect(outcomesOf(await project.repro({}, { env: { WHO: '' } }))).toEqual({ s: 'up-to-date' });
  });

  test('the entry of a stage that is gone goes when the lockfile is next written', async () => {
    const project = await createTwoStages();
    await project.repro();
    await project.write({ '.mlops.yaml': TWO_STAGES.replace('  count:', '  tally:'), 'raw.txt': 'z\n' });
    await project.repro();
    const lockfile = (await project.open()).readLockfile();
    expect(Object.keys(lockfile.stages).toSorted()).toEqual(['tally', 'upper']);
  });

  test('-S changes a param first, comments staying, also inside the pipeline; a dry run writes nothing', async () => {
    const project = await createPipelineProject(
      'stages: { s: { cmd: "echo ${unit} > o", params: [unit], outs: [o] } }',
      {
        'params.yaml': 'unit: lines   # of text\n',
      },
    );
    const setParams = [{ name: 'unit', value: 'words' }];
    expect(outcomesOf(await project.repro({ setParams, dryRun: true }))).toEqual({ s: 'would-run' });
    expect(await project.read('params.yaml')).toBe('unit: lines   # of text\n');
    await project.repro({ setParams });
    expect(await project.read('params.yaml')).toBe('unit: words   # of text\n');
    expect(await project.read('o')).toBe('words\n');
  });
});

describe('the run cache', () => {
  test('going back restores what was run before, without running it', async () => {
    const project = await createTwoStages();
    await project.repro();
    await project.write({ 'raw.txt': 'c\n' });
    await project.repro();
    await project.write({ 'raw.txt': 'a\nb\n' });
    expect(outcomesOf(await project.repro())).toEqual({ upper: 'restored', count: 'restored' });
    expect(await project.read('count.txt')).toBe('2\n');
    expect(outcomesOf(await project.repro())).toEqual({ upper: 'up-to-date', count: 'up-to-date' });
  });

  test('an output that was deleted or changed by hand comes back; the changed bytes are in the cache', async () => {
    const project = await createTwoStages();
    await project.repro();
    await rm(project.path('count.txt'));
    await project.write({ 'upper.txt': 'by hand\n' });
    const result = await project.repro();
    expect(outcomesOf(result)).toEqual({ upper: 'restored', count: 'restored' });
    expect([reasonsOf(result, 'upper'), reasonsOf(result, 'count')]).toEqual([['output-changed'], ['output-missing']]);
    expect(await project.read('upper.txt')).toBe('A\nB\n');
    const { digestOf } = await import('../../../src/system/hash.ts');
    expect((await (await project.open()).cache()).has(digestOf('by hand\n'))).toBe(true);
  });

  test('params called size, path, hash and file never bring back a wrong output', async () => {
    const project = await createPipelineProject(
      'stages: { s: { cmd: "cat params.yaml > o", params: [size, path, hash, file], outs: [o] } }',
      { 'params.yaml': 'size: 1\npath: a\nhash: b\nfile: c\n' },
    );
    await project.repro();
    for (const text of [
      'size: 2\npath: a\nhash: b\nfile: c\n',
      'size: 2\npath: x\nhash: y\nfile: z\n',
      'size: "2"\npath: x\nhash: y\nfile: z\n',
    ]) {
      await project.write({ 'params.yaml': text });
      expect(outcomesOf(await project.repro())).toEqual({ s: 'ran' });
      expect(await project.read('o')).toBe(text);
    }
  });

  test('is not asked with --no-run-cache, and not filled with --no-commit', async () => {
    const project = await createTwoStages();
    await project.repro({ commit: false });
    await project.write({ 'raw.txt': 'c\n' });
    await project.repro();
    await project.write({ 'raw.txt': 'a\nb\n' });
    expect(outcomesOf(await project.repro())).toEqual({ upper: 'ran', count: 'ran' });
    await project.write({ 'raw.txt': 'c\n' });
    expect(outcomesOf(await project.repro({ runCache: false }))).toEqual({ upper: 'ran', count: 'ran' });
  });

  test('a damaged object is made anew by running the stage', async () => {
    const project = await createTwoStages();
    await project.repro();
    const cache = await (await project.open()).cache();
    const { digestOf } = await import('../../../src/system/hash.ts');
    const object = cache.pathOf(digestOf('A\nB\n')) ?? '';
    await chmod(object, 0o644);
    await (await import('node:fs/promises')).writeFile(object, 'X\nX\n');
    await rm(project.path('upper.txt'));
    expect(outcomesOf(await project.repro())).toEqual({ upper: 'ran', count: 'up-to-date' });
    expect(await project.read('upper.txt')).toBe('A\nB\n');
  });

  test('folders and executable files are restored as they were', async () => {
    const project = await createPipelineProject(
      'stages: { s: { cmd: "mkdir -p out/deep && cp in out/deep/f && cp in out/run && chmod +x out/run", deps: [in], outs: [out] } }',
      { in: '1' },
    );
    await project.repro();
    await project.write({ in: '2' });
    await project.repro();
    await project.write({ in: '1' });
    expect(outcomesOf(await project.repro())).toEqual({ s: 'restored' });
    expect(await project.read('out/deep/f')).toBe('1');
    expect(outcomesOf(await project.repro())).toEqual({ s: 'up-to-date' });
  });

  test('metrics stay in Git and are restored all the same', async () => {
    const project = await createPipelineProject(
      `stages: { s: { cmd: 'echo "{ \\"v\\": $(cat in) }" > m.json', deps: [in], metrics: [m.json] } }`,
      { in: '1' },
    );
    await project.repro();
    expect(project.exists('.gitignore')).toBe(false);
    await project.write({ in: '2' });
    await project.repro();
    await project.write({ in: '1' });
    expect(outcomesOf(await project.repro())).toEqual({ s: 'restored' });
    expect(await project.read('m.json')).toBe('{ "v": 1 }\n');
  });
});

describe('what is given to Git', () => {
  test('cached outputs are ignored before they are there, and the changed files are named', async () => {
    const project = await createPipelineProject(
      'stages: { s: { cmd: "git check-ignore out/big > /dev/null && echo 1 > out/big", outs: [out/big], deps: [in] } }',
      { in: '' },
    );
    const result = await project.repro();
    expect(result.failures).toEqual([]);
    expect(result.changedFiles).toEqual(['.mlops.lock.yaml', 'out/.gitignore']);
    expect(await project.git('status', '--porcelain', '--untracked-files=all')).not.toContain('out/big');
  });

  test('an output that Git tracks is refused before anything runs', async () => {
    const project = await createTwoStages();
    await project.write({ 'upper.txt': 'mine' });
    await project.commit('too much');
    await expect(project.repro()).rejects.toMatchObject({
      kind: 'invalid-file',
      hint: expect.stringContaining('git rm -r --cached upper.txt'),
    });
    expect(await project.read('upper.txt')).toBe('mine');
  });
});
