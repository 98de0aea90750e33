import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runMlops } from '../../support/run-mlops.ts';
import { createSandbox } from '../../support/sandbox.ts';

interface Bad {
  readonly pipeline: string;
  readonly files?: Record<string, string>;
  readonly code: number;
  /** Parts of what a person is told. */
  readonly says: readonly string[];
}

const CASES: readonly (readonly [string, Bad])[] = [
  [
    'a cycle',
    {
      pipeline:
        'stages:\n  a: { cmd: x, deps: [c], outs: [a] }\n  b: { cmd: x, deps: [a], outs: [b] }\n  c: { cmd: x, deps: [b], outs: [c] }\n',
      code: 2,
      says: ['.mlops.yaml:2', 'a → b → c → a'],
    },
  ],
  [
    'one output of two stages',
    {
      pipeline: 'stages:\n  a: { cmd: x, outs: [o] }\n  b: { cmd: x, outs: [./o] }\n',
      code: 2,
      says: ['.mlops.yaml:3:23', '"o" of the stage "b"', '"a"', 'line 2'],
    },
  ],
  [
    'an output inside another one',
    {
      pipeline: 'stages:\n  a: { cmd: x, outs: [d] }\n  b: { cmd: x, outs: [d/o] }\n',
      code: 2,
      says: ['.mlops.yaml:3:23', '"d/o"', 'lies inside "d"', 'line 2'],
    },
  ],
  [
    'an output inside what its stage reads',
    {
      pipeline: 'stages:\n  a: { cmd: x, deps: [d], outs: [d/o] }\n',
      code: 2,
      says: ['.mlops.yaml:2:34', '"d/o"', 'the dependency "d"'],
    },
  ],
  [
    'a dependency that nobody makes',
    {
      pipeline:
        'stages:\n  a: { cmd: x, deps: [clena.csv], outs: [o] }\n  b: { cmd: x, outs: [clean.csv], frozen: true }\n',
      code: 3,
      says: ['"a" reads clena.csv', 'no stage writes it', 'clean.csv'],
    },
  ],
  [
    'a dependency that a frozen stage could make',
    {
      pipeline: 'stages:\n  a: { cmd: x, outs: [m], frozen: true }\n  b: { cmd: x, deps: [m], outs: [o] }\n',
      code: 3,
      says: ['"b" reads m', 'Stage "a" writes it', 'mlops repro a'],
    },
  ],
  [
    'an output that is not made',
    {
      pipeline: 'stages:\n  a: { cmd: "echo > other", deps: [in], outs: [o] }\n',
      files: { in: '' },
      code: 3,
      says: ['"a" ended well, but did not write o', '.mlops.yaml'],
    },
  ],
  [
    'a template that names what there is not',
    {
      pipeline: 'stages:\n  a: { cmd: "x ${trian.lr}", outs: [o] }\n',
      files: { 'params.yaml': 'train: { lr: 1 }\n' },
      code: 2,
      says: ['.mlops.yaml:2:13', 'trian', 'train'],
    },
  ],
  [
    'a variable that two files say differently',
    {
      pipeline: 'vars: [a.yaml, b.yaml]\nstages:\n  a: { cmd: "x ${fold}", outs: [o] }\n',
      files: { 'a.yaml': 'fold: 1\n', 'b.yaml': 'fold: 2\n' },
      code: 2,
      says: ['fold', 'a.yaml', 'b.yaml'],
    },
  ],
  [
    'a matrix that is no matrix',
    {
      pipeline:
        'stages:\n  a: { matrix: { model: [linear], exclude: [{ modle: linear }] }, cmd: x, outs: ["o-${item.model}"] }\n',
      code: 2,
      says: ['.mlops.yaml:2', 'modle'],
    },
  ],
  [
    'a resource that there is not',
    {
      pipeline: 'resources: { gpus: 1 }\nstages:\n  a: { cmd: x, outs: [o], resources: { gpu: 1 } }\n',
      code: 2,
      says: ['.mlops.yaml:3', '"gpu"', 'gpus'],
    },
  ],
  [
    'a name that no stage can have',
    { pipeline: 'stages:\n  a/../b: { cmd: x, outs: [o] }\n', code: 2, says: ['.mlops.yaml:2:3', 'a/../b'] },
  ],
  [
    'a damaged lockfile',
    {
      pipeline: 'stages:\n  a: { cmd: x, outs: [o] }\n',
      files: { '.mlops.lock.yaml': 'version: 1\nstages:\n  a:\n    cmd: x\n    outs:\n      o: { file: "bla' },
      code: 2,
      says: ['.mlops.lock.yaml:6', 'the data is untouched'],
    },
  ],
];

test.each(CASES)(
  '%s is told with its place and stops repro, dry or not; nothing changes',
  async (_, { pipeline, files, code, says }) => {
    const project = await createSandbox({ '.mlops.yaml': pipeline, ...files });
    const before = await project.git('status', '--porcelain', '--untracked-files=all');
    for (const flags of [['--dry-run'], []]) {
      const { exitCode, err } = await runMlops({ cwd: project.root }, 'repro', ...flags);
      const isForeseen = !pipeline.includes('echo > other') || flags.length === 0;
      if (!isForeseen) continue;
      expect([exitCode, says.filter((part) => !err.includes(part)), err]).toEqual([code, [], err]);
    }
    const own = (text: string) => text.split('\n').filter((line) => !/other|\.gitignore/.test(line));
    expect(own(await project.git('status', '--porcelain', '--untracked-files=all'))).toEqual(own(before));
    expect(project.exists('o')).toBe(false);
  },
);

test('a record of a run that is damaged is no record: the stage runs', async () => {
  const project = await createSandbox({
    '.mlops.yaml': 'stages:\n  a: { cmd: cp in o, deps: [in], outs: [o] }\n',
    in: '1',
  });
  const repro = async () =>
    (await runMlops({ cwd: project.root }, 'repro', '--json')).json<{ stages: { outcome: string }[] }>();
  await repro();
  const folder = '.mlops/run-cache';
  const record = readdirSync(project.path(folder), { recursive: true, encoding: 'utf8' }).find((name) =>
    name.endsWith('.yaml'),
  );
  await project.write({ in: '2' });
  await repro();
  await project.write({ in: '1', [`${folder}/${record}`]: 'version: 1\nstages:\n  run: {' });
  expect((await repro()).stages).toMatchObject([{ outcome: 'ran' }]);
});
