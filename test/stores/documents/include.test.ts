import { expect, test } from 'vitest';
import { encodeLockfile, parseLockfile } from '../../../src/stores/documents/lockfile.ts';
import { readPipelineFile } from '../../../src/stores/documents/pipeline-file.ts';

async function read(files: Record<string, string>) {
  const text = (path: string) => (files[path] === undefined ? undefined : Buffer.from(files[path]));
  return readPipelineFile(files['.mlops.yaml'] ?? '', '.mlops.yaml', async (path) => text(path));
}

async function problemsOf(files: Record<string, string>): Promise<string[]> {
  const { problems } = await read(files);
  return problems.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`);
}

const CHURN = `vars: [{ size: 3 }]
stages:
  prepare: { cmd: node p.js, deps: [p.js, ../../data/raw.csv], params: [seed, { more.toml: null }], outs: [clean.csv] }
  train:
    cmd: node t.js \${lr} \${size}
    wdir: src
    deps: [../clean.csv]
    outs: [m.bin]
    metrics: [../metrics.json]
  all: { cmd: make, wdir: ../.., outs: [out/all] }
  score: { foreach: [a, b], do: { cmd: "x \${item}", outs: ["\${item}.csv"] } }
data: { raw: { desc: raw } }
metrics: [extra.json]
params: [more.toml]
plots: [curve.csv, { roc: { x: fpr, y: { eval/roc.csv: tpr } } }]
gates: [{ metric: "metrics.json:accuracy", min: 0.9 }]
`;

test('an included file speaks of its own folder: names, paths, params and what ${…} stands for', async () => {
  const { pipeline, problems, parts } = await read({
    '.mlops.yaml': 'include: [models/churn/.mlops.yaml]\nstages: { train: { cmd: "x ${lr}" } }',
    'params.yaml': 'lr: 1',
    'models/churn/.mlops.yaml': CHURN,
    'models/churn/params.yaml': 'lr: 0.5\nseed: 1',
  });
  expect(problems).toEqual([]);
  expect(parts.map(({ file, folder }) => [file, folder])).toEqual([
    ['.mlops.yaml', '.'],
    ['models/churn/.mlops.yaml', 'models/churn'],
  ]);
  expect(pipeline.stages.map(({ name, wdir }) => [name, wdir])).toEqual([
    ['train', '.'],
    ['models/churn:prepare', 'models/churn'],
    ['models/churn:train', 'models/churn/src'],
    ['models/churn:all', '.'],
    ['models/churn:score@a', 'models/churn'],
    ['models/churn:score@b', 'models/churn'],
  ]);
  const [own, prepare, train, all] = pipeline.stages;
  expect(own?.scripts).toEqual(['x 1']);
  expect(prepare?.dependencies).toEqual(['models/churn/p.js', 'data/raw.csv']);
  expect(prepare?.params).toEqual([
    { file: 'models/churn/params.yaml', names: ['seed'] },
    { file: 'models/churn/more.toml', names: null },
  ]);
  expect(prepare?.place).toEqual({ file: 'models/churn/.mlops.yaml', line: 3, column: 3 });
  expect(train?.scripts).toEqual(['node t.js 0.5 3']);
  expect(train?.filledIn).toEqual({ 'models/churn/params.yaml:lr': 0.5, 'models/churn/.mlops.yaml:size': 3n });
  expect(train?.outputs.map(({ path }) => path)).toEqual(['models/churn/src/m.bin', 'models/churn/metrics.json']);
  expect(all?.outputs.map(({ path }) => path)).toEqual(['out/all']);
  expect(pipeline).toMatchObject({
    data: { 'models/churn/raw': { desc: 'raw' } },
    metrics: ['models/churn/extra.json'],
    params: ['models/churn/params.yaml', 'models/churn/more.toml'],
    plots: [
      { path: 'models/churn/curve.csv' },
      { path: 'models/churn/roc', plot: { y: { 'models/churn/eval/roc.csv': 'tpr' } } },
    ],
    gates: [{ metric: 'models/churn/metrics.json:accuracy' }],
  });
});

test('files include others, each from its own folder, and one beside the first names its stages plainly', async () => {
  const { pipeline, problems } = await read({
    '.mlops.yaml': 'include: [more.yaml, a/.mlops.yaml]',
    'more.yaml': 'stages: { one: { cmd: x } }',
    'a/.mlops.yaml': 'include: b/pipeline.yaml\nstages: { two: { cmd: x } }',
    'a/b/pipeline.yaml': 'stages: { three: { cmd: x } }',
  });
  expect(problems).toEqual([]);
  expect(pipeline.stages.map(({ name }) => name)).toEqual(['one', 'a:two', 'a/b:three']);
});

test('what cannot be included is told where it is named', async () => {
  const cannot = await problemsOf({
    '.mlops.yaml':
      'include:\n  - a/.mlops.yaml\n  - ./a/.mlops.yaml\n  - none.yaml\n  - ../x.yaml\n  - .mlops.yaml\n  - 3\n',
    'a/.mlops.yaml': 'include: [../b/.mlops.yaml]',
    'b/.mlops.yaml': 'include: [../a/.mlops.yaml]\njobs: 3\nstages: { "a:b": { cmd: x } }\nincldue: []',
  });
  expect(cannot).toMatchInlineSnapshot(`
    [
      ".mlops.yaml:3:5 "a/.mlops.yaml" is included already, in .mlops.yaml:2.",
      ".mlops.yaml:4:5 There is no file "none.yaml".",
      ".mlops.yaml:5:5 "../x.yaml" is outside the project.",
      ".mlops.yaml:6:5 These files include each other: .mlops.yaml → .mlops.yaml.",
      ".mlops.yaml:7:5 Each item of "include" has to be a text, not 3; put it in quotes.",
      "b/.mlops.yaml:1:11 These files include each other: a/.mlops.yaml → b/.mlops.yaml → a/.mlops.yaml.",
      "b/.mlops.yaml:2:1 "jobs" is a setting of the whole project: it belongs into the .mlops.yaml in its root.",
      "b/.mlops.yaml:3:11 The stage's name "a:b" may hold letters, digits and _ . @ + = - only, and begins with a letter or a digit.",
      "b/.mlops.yaml:4:1 There is no key "incldue" in b/.mlops.yaml; did you mean "include"?",
    ]
  `);
});

test('the laws hold across files, each mistake being told in the file that makes it, with the other place', async () => {
  const broken = await problemsOf({
    '.mlops.yaml': 'include: [a/.mlops.yaml, a/more.yaml]\nstages:\n  x: { cmd: x, outs: [a/out, clean] }\n',
    'a/.mlops.yaml': 'stages:\n  y: { cmd: x, outs: [out/inner, ../CLEAN] }\n  z: { cmd: "${nope}" }\n',
    'a/more.yaml': 'stages:\n  y: { cmd: x, deps: [o], outs: [o/p] }\n',
  });
  expect(broken).toMatchInlineSnapshot(`
    [
      "a/.mlops.yaml:2:23 "a/out/inner" of the stage "a:y" lies inside "a/out", an output of the stage "x" in line 3 of .mlops.yaml. A path has one writer.",
      "a/.mlops.yaml:2:34 "CLEAN" of the stage "a:y" and "clean", an output of the stage "x" in line 3 of .mlops.yaml, are one file where case is ignored.",
      "a/.mlops.yaml:3:13 Nothing says what \${nope} is, in "cmd" of the stage "a:z". A "$" that the shell is to see is written \\\${…}.",
      "a/more.yaml:2:3 There is a stage "a:y" already, in line 2 of a/.mlops.yaml.",
      "a/more.yaml:2:34 "a/o/p" is written by the stage that reads it: see the dependency "a/o" in line 2.",
    ]
  `);
});

test('a mistake of YAML in an included file is told once, and the rest is read', async () => {
  const files = { '.mlops.yaml': 'include: [m/p.yaml]\nstages: { a: { cmd: x } }', 'm/p.yaml': 'stages: { b: [ }' };
  expect(await problemsOf(files)).toEqual([
    'm/p.yaml:1:16 A bracket or brace that is opened before this is not closed.',
  ]);
  expect((await read(files)).pipeline.stages.map(({ name }) => name)).toEqual(['a']);
});

test('a lockfile names stages with their folders, and refuses a folder that cannot be', () => {
  const stage = { cmd: ['x'], shell: null, wdir: '.', deps: {}, params: {}, env: {}, outputs: {}, settings: null };
  const text = encodeLockfile({ data: {}, stages: { 'models/churn:train@a': stage, 'my models:x': stage } });
  expect(Object.keys(parseLockfile(text).stages)).toEqual(['models/churn:train@a', 'my models:x']);
  for (const name of ['../x:train', '/x:train', '.git:train', ':train', 'x:', 'a/b']) {
    expect(() => parseLockfile(`version: 1\nstages:\n  ${JSON.stringify(name)}:\n    cmd: x\n`)).toThrow(
      'There is a mistake',
    );
  }
});
