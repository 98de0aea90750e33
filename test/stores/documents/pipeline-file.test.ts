import { describe, expect, test } from 'vitest';
import { invalidFile, MlopsError } from '../../../src/core/errors.ts';
import type { Stage } from '../../../src/core/stage.ts';
import type { ValueMap } from '../../../src/core/value.ts';
import { readPipelineFile } from '../../../src/stores/documents/pipeline-file.ts';

/** Reads a text beside a `params.yaml` with the values; fails with all of its mistakes. */
async function parse(text: string, values: ValueMap = {}) {
  const read = async (path: string) => (path === 'params.yaml' ? Buffer.from(paramsText(values)) : undefined);
  const { problems, settings, pipeline } = await readPipelineFile(Buffer.from(text), '.mlops.yaml', read);
  if (problems.length > 0) throw invalidFile(problems);
  return { settings, pipeline };
}

/** In the order of the keys, integers as plain digits. */
function paramsText(values: ValueMap): string {
  const text = JSON.stringify(values, (_, value: unknown) => (typeof value === 'bigint' ? `int ${value}` : value));
  return text.replaceAll(/"int (-?\d+)"/g, '$1');
}

/** Every mistake as `line:column message`. */
async function problemsOf(text: string, values: ValueMap = {}): Promise<string[]> {
  try {
    await parse(text, values);
  } catch (error) {
    if (!(error instanceof MlopsError) || error.kind !== 'invalid-file') throw error;
    return error.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
  }
  return [];
}

async function stageOf(body: string, values: ValueMap = {}): Promise<Stage> {
  const [stage] = (await parse(`stages:\n  one:\n${body.replace(/^/gm, '    ')}`, values)).pipeline.stages;
  if (stage === undefined) throw new Error('There is no stage.');
  return stage;
}

const problemsIn = async (text: string) => (await problemsOf(text)).join(' | ');

async function problemsOfBytes(bytes: Uint8Array) {
  return (await readPipelineFile(bytes, '.mlops.yaml', async () => undefined)).problems;
}

const readAndWrite = async (dep: string, out: string) =>
  await problemsOf(`stages: { a: { cmd: x, deps: ["${dep}"], outs: [${out}] } }`);

const namesAndScripts = async (text: string, values = {}) =>
  (await parse(text, values)).pipeline.stages.map(({ name, scripts }) => [name, scripts[0]]);

describe('a stage', () => {
  test('has defaults for what it does not say', async () => {
    expect(await stageOf('cmd: node a.js')).toEqual({
      name: 'one',
      runner: 'command',
      scripts: ['node a.js'],
      shell: null,
      wdir: '.',
      dependencies: [],
      params: [],
      filledIn: {},
      env: [],
      outputs: [],
      settings: null,
      frozen: false,
      alwaysChanged: false,
      timeoutMilliseconds: null,
      retries: 0,
      resources: {},
      mutex: [],
      desc: null,
      meta: null,
      place: { file: '.mlops.yaml', line: 2, column: 3 },
      places: { outputs: new Map(), params: new Map() },
    });
  });

  test('says all that it can, its paths starting from its folder', async () => {
    const stage = await stageOf(`cmd: [node a.js, "node b.js"]
wdir: models/churn
shell: bash -eu
deps: [src/**/*.js, ../../data/raw.csv, ./x/]
params: [prepare.seed, lr, { other.yaml: [a.b, c] }, { ../whole.json: null }]
env: [PYTHONHASHSEED]
outs: [clean.csv, { big.bin: { persist: true, cache: false, remote: archive, push: false } }]
metrics: [m.json, { n.json: { cache: true } }]
plots: [{ curve.csv: { x: epoch, y: [loss, val_loss], template: linear } }]
timeout: 1.5h
retries: 2
resources: { gpu: 1, memory: 8 }
mutex: database
frozen: true
always_changed: true
desc: it does
meta: { owner: me, since: 2026 }`);
    const flags = { cache: true, persist: false, push: true, remote: null, plot: null };
    expect(stage).toMatchObject({
      scripts: ['node a.js', 'node b.js'],
      wdir: 'models/churn',
      shell: 'bash -eu',
      dependencies: ['models/churn/src/**/*.js', 'data/raw.csv', 'models/churn/x'],
      params: [
        { file: 'params.yaml', names: ['prepare.seed', 'lr'] },
        { file: 'models/churn/other.yaml', names: ['a.b', 'c'] },
        { file: 'models/whole.json', names: null },
      ],
      env: ['PYTHONHASHSEED'],
      outputs: [
        { ...flags, path: 'models/churn/clean.csv', role: 'outs' },
        {
          path: 'models/churn/big.bin',
          role: 'outs',
          cache: false,
          persist: true,
          push: false,
          remote: 'archive',
          plot: null,
        },
        { ...flags, path: 'models/churn/m.json', role: 'metrics', cache: false },
        { ...flags, path: 'models/churn/n.json', role: 'metrics', cache: true },
        {
          ...flags,
          path: 'models/churn/curve.csv',
          role: 'plots',
          cache: false,
          plot: { x: 'epoch', y: ['loss', 'val_loss'], template: 'linear' },
        },
      ],
      frozen: true,
      alwaysChanged: true,
      timeoutMilliseconds: 5_400_000,
      retries: 2,
      resources: { gpu: 1, memory: 8 },
      mutex: ['database'],
      desc: 'it does',
      meta: { owner: 'me', since: 2026n },
    });
  });

  test('that is built in reads and writes what its settings say', async () => {
    const stage = await stageOf('train: { data: { train: data/clean.csv }, target: y, out: models/m }');
    expect(stage).toMatchObject({ runner: 'train', scripts: [], dependencies: ['data/clean.csv'] });
    expect(stage.outputs.map(({ path }) => path)).toContain('models/m');
    expect(stage.settings).toMatchObject({ target: 'y', out: 'models/m' });
  });

  test('leaves out what its keys do not say, but not what it does', async () => {
    expect(await stageOf('cmd: x\ndeps:\nwdir:\ndesc: ~\nfrozen:\nouts: []')).toEqual(await stageOf('cmd: x'));
    for (const cmd of ['', '[]', '" "', '[a, "  "]']) {
      expect(await problemsOf(`stages:\n  a:\n    cmd: ${cmd}\n`)).toEqual(['3:5 "cmd" has nothing to run.']);
    }
  });

  test('may share what it says with others by anchors and merges', async () => {
    const { stages } = (await parse('stages:\n  a: &a { cmd: x, desc: first }\n  b: { <<: *a, desc: second }\n'))
      .pipeline;
    expect(stages.map(({ scripts, desc }) => [scripts, desc])).toEqual([
      [['x'], 'first'],
      [['x'], 'second'],
    ]);
  });
});

test('beside stages, a file holds settings, notes on data, gates, and files that no stage writes', async () => {
  const { settings, pipeline } = await parse(`
remote: origin
remotes:
  origin: { url: "s3://team/iris", region: eu-west-1, pathStyle: true, jobs: 4 }
  archive: /mnt/archive
cache: { dir: ../cache, link: [hardlink, copy] }
jobs: 4
autostage: true
data: { data/raw: { desc: raw, push: false, labels: [pii] } }
metrics: [extra.json]
params: [more.yaml]
plots: [p.csv, { roc: { x: fpr, y: { "eval/roc.csv": tpr } } }]
gates:
  - { metric: "metrics.json:accuracy", min: 0.9, maxDrop: 1 }
  - { metric: "m.json:a.b", goal: lower, max: 3, maxIncrease: "5%" }
`);
  expect(settings).toEqual({
    remote: 'origin',
    remotes: {
      origin: { url: 's3://team/iris', region: 'eu-west-1', pathStyle: true, jobs: 4 },
      archive: { url: '/mnt/archive' },
    },
    cache: { dir: '../cache', link: ['hardlink', 'copy'] },
    jobs: 4,
    autostage: true,
  });
  expect(pipeline).toEqual({
    stages: [],
    data: { 'data/raw': { desc: 'raw', remote: null, push: false, type: null, labels: ['pii'], meta: {} } },
    metrics: ['extra.json'],
    params: ['more.yaml'],
    plots: [
      { path: 'p.csv', plot: {} },
      { path: 'roc', plot: { x: 'fpr', y: { 'eval/roc.csv': 'tpr' } } },
    ],
    gates: [
      { metric: 'metrics.json:accuracy', goal: 'higher', min: 0.9, max: null, maxDrop: 1, maxIncrease: null },
      { metric: 'm.json:a.b', goal: 'lower', min: null, max: 3, maxDrop: null, maxIncrease: '5%' },
    ],
  });
});

describe('every mistake is told at once, with its place', () => {
  test('of a shell that names no program or has an open quote', async () => {
    expect(await problemsOf(`stages: { a: { cmd: x, shell: "'my sh -e" }, b: { cmd: x, shell: " " } }`)).toEqual([
      '1:31 A quote in "shell" is not closed.',
      '1:66 "shell" names no program.',
    ]);
  });

  test('of settings that do not go together: at the one that leads there, as far as it is written', async () => {
    const train = async (rest: string) =>
      await problemsOf(`stages:
  a:
    train:
      data: { train: x, test: y }
      target: y
      out: m
      ${rest}
`);
    const cnn = 'A cnn needs images: say features: { image: [height, width, channels] }, or use model: mlp.';
    const early = 'Early stopping watches val_loss, but there are no validation rows: give some, or watch loss.';
    expect(await train('model: { type: cnn }')).toEqual([`7:16 ${cnn}`]);
    expect(await train('model: cnn')).toEqual([`7:7 ${cnn}`]);
    expect(await train('features: [a]\n      model: cnn')).toEqual([`7:7 ${cnn}`]);
    expect(await train('fit: { early_stopping: { monitor: val_loss } }')).toEqual([`7:32 ${early}`]);
    expect(await train('fit: { early_stopping: true }')).toEqual([`7:14 ${early}`]);
  });

  test('of keys and types', async () => {
    expect(
      await problemsOf(`remote: 5
remots: {}
jobs: zero
remotes: { o: { url: s3://x, regon: eu }, "a b": s3://y }
cache: { link: [refflink] }
include: [x]
stages:
  a:
    cmd: echo
    timeout: 2 hours
    outs: [{ out: { cahe: true } }]
    env: [A-B]
  b: { cmd: [x, 3], frozen: 1 }
  c: { train: { data: x, mdel: 3 }, outs: [z] }
  d: {}
  e: { cmd: x, train: {} }
  ../f: { cmd: x }
gates: [{ metric: m, mn: 3 }, { metric: "m.json:a", maxDrop: "5 %" }, { min: 1 }]
metrics: { x: 1 }
`),
    ).toMatchInlineSnapshot(`
      [
        "1:9 "remote" has to be a text, not 5; put it in quotes.",
        "2:1 There is no key "remots" in .mlops.yaml; did you mean "remote"?",
        "3:7 "jobs" has to be a whole number from 1 up, not "zero".",
        "4:30 There is no key "regon" in the remote "o"; did you mean "region"?",
        "4:43 The remote's name "a b" may hold letters, digits and _ . - only.",
        "5:17 "link" cannot be "refflink", only one of reflink, copy, hardlink, symlink; did you mean "reflink"?",
        "6:11 There is no file "x".",
        "10:14 "timeout" has to be a time with its unit, such as 45s, 30m or 2h.",
        "11:21 There is no key "cahe" in "out"; did you mean "cache"?",
        "12:5 "A-B" is not the name of an environment variable.",
        "13:17 Each item of "cmd" has to be a text, not 3; put it in quotes.",
        "13:29 "frozen" has to be true or false, not 1.",
        "14:8 "out" is missing: it has to be a text.",
        "14:8 "target" is missing: it has to be a text.",
        "14:26 There is no key "mdel" here; did you mean "model"?",
        "14:37 "outs" has no place beside "train", which says itself what it writes.",
        "15:3 The stage "d" does nothing: it needs "cmd", "train", "evaluate" or "predict".",
        "16:16 The stage "e" has both "cmd" and "train"; make two stages of it.",
        "17:3 The stage's name "../f" may hold letters, digits and _ . @ + = - only, and begins with a letter or a digit.",
        "18:9 A gate needs a limit: one of min, max, maxDrop, maxIncrease.",
        "18:19 The metric "m" has to be a file, a colon and a name, such as "metrics.json:accuracy".",
        "18:22 There is no key "mn" in a gate; did you mean "min"?",
        "18:62 "maxDrop" has to be a number or a percentage such as "5%".",
        "18:71 A gate needs a "metric", such as "metrics.json:accuracy".",
        "19:10 "metrics" has to be a text or a list, not a mapping.",
      ]
    `);
  });

  test.each(['45', '0s', '""', 'soon', '[2h]'])('of the timeout %s', async (timeout) => {
    expect(await problemsIn(`stages: { a: { cmd: x, timeout: ${timeout} } }`)).toContain('"timeout" has to be a time');
  });

  test('of a timeout that no timer can count, and of retries that are none', async () => {
    expect(await problemsOf('stages: { a: { cmd: x, timeout: 25d, retries: -1 }, b: { cmd: x, retries: 0 } }')).toEqual(
      ['1:33 "timeout" cannot be longer than 24d.', '1:47 "retries" has to be a whole number from 1 up, not -1.'],
    );
  });

  test('of a command that is a mapping', async () => {
    expect(await problemsOf('stages: { a: { cmd: { x: 1 } }, b: { cmd: x, deps: 3 } }\ngates: 3')).toEqual([
      '1:21 "cmd" has to be a text or a list, not a mapping.',
      '1:52 "deps" has to be a text or a list, not 3.',
      '2:8 "gates" has to be a list, not 3.',
    ]);
  });

  test('of a stage whose name stands twice, in both of them', async () => {
    expect(
      await problemsOf('stages:\n  a: { cdm: x, cmd: y, outs: [o] }\n  a: { cmd: y, outs: [o], dep: z }\n'),
    ).toEqual([
      '2:8 There is no key "cdm" in the stage "a"; did you mean "cmd"?',
      '3:3 This key stands here for the second time.',
      '3:27 There is no key "dep" in the stage "a"; did you mean "deps"?',
    ]);
    expect(await problemsOf('stages: { a: { cdm: x }, a: { cmd: y } }')).toContain(
      '1:16 There is no key "cdm" in the stage "a"; did you mean "cmd"?',
    );
  });

  test('of what stages share', async () => {
    expect(
      await problemsOf(
        'resources: { gpu: none, "a b": 1 }\nstages:\n  a: { cmd: x, resources: { gpu: 0 }, mutex: [1] }\n',
      ),
    ).toEqual([
      '1:19 "gpu" has to be a whole number from 1 up, not "none".',
      '1:25 The resource\'s name "a b" may hold letters, digits and _ . - only.',
      '3:34 "gpu" has to be a whole number from 1 up, not 0.',
      '3:47 Each item of "mutex" has to be a text, not 1; put it in quotes.',
    ]);
  });

  test('of YAML itself', async () => {
    expect(await problemsIn('stages:\n\ta: 1')).toMatchInlineSnapshot(
      `"2:1 There is a tab here; YAML is indented with spaces."`,
    );
    expect(await problemsIn('jobs: [1')).toMatchInlineSnapshot(
      `"1:9 A bracket or brace that is opened before this is not closed."`,
    );
    expect(await problemsIn('jobs: 1\njobs: 2')).toMatchInlineSnapshot(
      `"2:1 This key stands here for the second time."`,
    );
    expect(await problemsIn('stages:\n  a: { cmd: x }\n  a: { cmd: y }\n  b: { cmmd: x }')).toMatchInlineSnapshot(
      `"3:3 This key stands here for the second time. | 4:3 The stage "b" does nothing: it needs "cmd", "train", "evaluate" or "predict". | 4:8 There is no key "cmmd" in the stage "b"; did you mean "cmd"?"`,
    );
    expect(await problemsIn('a: *nothing')).toMatchInlineSnapshot(`"1:4 No value above has the anchor "nothing"."`);
    expect(await problemsIn('stages: &s [*s]')).toMatchInlineSnapshot(`"1:13 No value above has the anchor "s"."`);
    expect(await problemsIn('jobs: 1\n---\njobs: 2')).toMatchInlineSnapshot(
      `"2:1 A second document begins here; a file holds one."`,
    );
    expect(await problemsIn('jobs: !!python/object x')).toMatchInlineSnapshot(
      `"1:7 Unresolved tag: tag:yaml.org,2002:python/object. | 1:23 "jobs" has to be a whole number from 1 up, not "x"."`,
    );
    expect(await problemsIn('- a')).toMatchInlineSnapshot(`"1:1 .mlops.yaml has to be a mapping, not a list."`);
    expect(await problemsIn('jobs: 1\n  remote: x')).toMatchInlineSnapshot(
      `"1:7 Nested mappings are not allowed in compact mappings. | 1:7 Implicit keys need to be on a single line."`,
    );
    expect(await problemsIn('jobs: "1')).toMatchInlineSnapshot(`"1:9 The closing quote is missing."`);
  });

  test('of a merge that was not finished', async () => {
    const text = 'jobs: 1\n<<<<<<< HEAD\nremote: a\n=======\nremote: b\n>>>>>>> side\n';
    expect(await problemsOf(text)).toEqual(['2:1 Git left the marks of a merge conflict here.']);
    expect(await problemsOf(text.replaceAll('\n', '\r\n'))).toEqual([
      '2:1 Git left the marks of a merge conflict here.',
    ]);
  });

  test('of bytes that are no text', async () => {
    expect(await problemsOfBytes(Buffer.from([0x61, 0x3a, 0x0a, 0xff, 0x0a]))).toEqual([
      { file: '.mlops.yaml', line: 2, column: 1, message: 'This file is not UTF-8 text.' },
    ]);
    expect(await problemsOfBytes(Buffer.from('jobs: 1\n\0'))).toMatchObject([
      { line: 2, message: expect.stringContaining('NUL') },
    ]);
    expect(await problemsOfBytes(Buffer.from('\uFEFFjobs: 1\r\n'))).toEqual([]);
  });

  test('of aliases that stand for more than memory holds', async () => {
    const levels = Array.from(
      { length: 12 },
      (_, at) => `a${at + 1}: &a${at + 1} [${Array(10).fill(`*a${at}`).join(', ')}]`,
    );
    expect(await problemsOf(`a0: &a0 x\n${levels.join('\n')}`)).toMatchObject([
      expect.stringContaining('stand for too much'),
    ]);
  });
});

describe('an empty file is a valid one', () => {
  for (const text of [
    '',
    '\n',
    '# nothing\n',
    '{}',
    'stages:\n',
    'stages: {}\nremotes:\ngates:\nmetrics: null',
    '---\n',
  ]) {
    test(`as ${JSON.stringify(text)}`, async () => expect((await parse(text)).pipeline.stages).toEqual([]));
  }
});

describe('the laws between stages', () => {
  test('a path has one writer, whatever its spelling', async () => {
    expect(
      await problemsOf(`stages:
  a: { cmd: x, outs: [out/data, same] }
  b: { cmd: x, outs: [out/data/inner, ./same/] }
  c: { cmd: x, outs: [OUT/Data], metrics: [same/m.json] }
`),
    ).toMatchInlineSnapshot(`
      [
        "3:23 "out/data/inner" of the stage "b" lies inside "out/data", an output of the stage "a" in line 2. A path has one writer.",
        "3:39 "same" of the stage "b" is an output of the stage "a" already, in line 2. A path has one writer.",
        "4:23 "OUT/Data" of the stage "c" and "out/data", an output of the stage "a" in line 2, are one file where case is ignored.",
        "4:44 "same/m.json" of the stage "c" lies inside "same", an output of the stage "a" in line 2. A path has one writer.",
      ]
    `);
  });

  test('an output lies in the project and nowhere else', async () => {
    for (const path of [
      '../x',
      '/etc/x',
      'a/../../x',
      '.git/hooks',
      '.mlops/cache',
      'C:/x',
      '~/x',
      'a\\b',
      '.',
      'x/.GIT',
    ]) {
      expect(await problemsOf(`stages: { a: { cmd: x, outs: [${JSON.stringify(path)}] } }`)).toHaveLength(1);
    }
    expect(await problemsOf('stages: { a: { cmd: x, outs: ["a/../b/./c"] } }')).toEqual([]);
  });

  test('a stage does not read what it writes', async () => {
    for (const [dep, out] of [
      ['a', 'a'],
      ['a/b', 'a'],
      ['a', 'a/b'],
      ['a/*', 'a/b'],
      ['**/*.csv', 'a/b.csv'],
      ['A', 'a'],
      ['{a,b}/x', 'b/x'],
    ]) {
      expect(await readAndWrite(dep ?? '', out ?? '')).toMatchObject([
        expect.stringContaining('written by the stage that reads it'),
      ]);
    }
    for (const [dep, out] of [
      ['ab', 'a'],
      ['*.csv', 'a/b.csv'],
      ['a/[!b]', 'a/b'],
    ])
      expect(await readAndWrite(dep ?? '', out ?? '')).toEqual([]);
  });
});

describe('${…}', () => {
  const values = {
    train: { lr: 0.1, epochs: 60n, hidden: [16n, 8n], name: 'a b', deep: true, off: false },
    'dotted.name': 1n,
  };

  test('stands for a param, keeping its type where it stands alone', async () => {
    const stage = await stageOf(
      'cmd: node t.js --lr ${train.lr} ${train.hidden[1]} ${ dotted.name }\nmeta: { a: "${train.epochs}", b: "${train}", c: "x${train.epochs}" }\nouts: ["out/${train.epochs}.csv", { "m${train.hidden[0]}": { cache: false } }]',
      values,
    );
    expect(stage.scripts).toEqual(['node t.js --lr 0.1 8 1']);
    expect(stage.meta).toEqual({ a: 60n, b: values.train, c: 'x60' });
    expect(stage.outputs.map(({ path }) => path)).toEqual(['out/60.csv', 'm16']);
  });

  test('of a mapping makes flags of a command', async () => {
    expect((await stageOf('cmd: node t.js ${train}', values)).scripts).toEqual([
      "node t.js --lr 0.1 --epochs 60 --hidden 16 8 --name 'a b' --deep",
    ]);
  });

  test('has defaults, and is left to the shell behind a backslash', async () => {
    expect((await stageOf('cmd: echo ${nothing:-7} ${train.lr:-8} \\${HOME} $HOME', values)).scripts).toEqual([
      'echo 7 0.1 ${HOME} $HOME',
    ]);
  });

  test('without a value is a mistake with its place', async () => {
    expect(await problemsOf('stages:\n  a:\n    cmd: echo ${train.eopchs}\n    desc: "${train}s"\n', values))
      .toMatchInlineSnapshot(`
      [
        "3:10 Nothing says what \${train.eopchs} is, in "cmd" of the stage "a"; did you mean "train.epochs"? A "$" that the shell is to see is written \\\${…}.",
        "4:11 \${train} stands for a mapping, which has no place in a text, in "desc" of the stage "a".",
      ]
    `);
  });

  test('takes values from params.yaml and from vars', async () => {
    const files: Record<string, string> = {
      'params.yaml': 'a: 1\nm: { x: 1, y: 1 }',
      'config.json': '{"m": {"z": 2}, "b": "two"}',
    };
    const read = async (path: string) => (files[path] === undefined ? undefined : Buffer.from(files[path]));
    const text = 'vars: [config.json, { fold: 3 }]\nstages: { s: { cmd: "x ${a} ${b} ${m.x} ${m.z} ${fold}" } }';
    const { pipeline, problems } = await readPipelineFile(text, '.mlops.yaml', read);
    expect(problems).toEqual([]);
    expect(pipeline.stages[0]?.scripts).toEqual(['x 1 two 1 2 3']);

    const broken = await readPipelineFile(
      'vars: [none.yaml]\nstages: { s: { cmd: "${a}" } }',
      '.mlops.yaml',
      async (path) => (path === 'params.yaml' ? Buffer.from('a: 1\na: 2') : undefined),
    );
    expect(broken.problems.map(({ file, line }) => `${file}:${line}`)).toEqual([
      'params.yaml:2',
      '.mlops.yaml:1',
      '.mlops.yaml:2',
    ]);
  });
});

describe('several stages written as one', () => {
  test('one for each item of a list or a mapping', async () => {
    expect(
      await namesAndScripts(
        'stages: { c: { foreach: [de, 1, { x: 2 }], do: { cmd: "n ${key} ${item:-}" } } }'.replace(
          '${item:-}',
          '${key}',
        ),
      ),
    ).toEqual([
      ['c@de', 'n de de'],
      ['c@1', 'n 1 1'],
      ['c@2', 'n 2 2'],
    ]);
    expect(
      await namesAndScripts(
        'stages: { c: { foreach: { de: { n: 1 }, fr: { n: 2 } }, do: { cmd: "n ${key} ${item.n}", outs: ["${key}.csv"] } } }',
      ),
    ).toEqual([
      ['c@de', 'n de 1'],
      ['c@fr', 'n fr 2'],
    ]);
    expect(
      await namesAndScripts('stages: { c: { foreach: "${langs}", do: { cmd: "n ${item}" } } }', { langs: ['a', 'b'] }),
    ).toEqual([
      ['c@a', 'n a'],
      ['c@b', 'n b'],
    ]);
  });

  test('one for each cell of a matrix that is not excluded', async () => {
    expect(
      await namesAndScripts(
        'stages: { s: { matrix: { model: [linear, mlp], fold: [1, 2], exclude: [{ model: mlp, fold: 2 }] }, cmd: "${item.model} ${item.fold}" } }',
      ),
    ).toEqual([
      ['s@linear-1', 'linear 1'],
      ['s@linear-2', 'linear 2'],
      ['s@mlp-1', 'mlp 1'],
    ]);
  });

  test('under one name are refused', async () => {
    expect(
      await problemsOf(
        'stages: { c: { foreach: [a/b, a b], do: { cmd: x } }, d: { foreach: 3 }, e: { foreach: [1], cmd: x } }',
      ),
    ).toMatchInlineSnapshot(`
      [
        "1:11 There is a stage "c@a-b" already, in line 1.",
        "1:55 The stage "d" has "foreach", but no "do" to do for each.",
        "1:69 "foreach" has to be a list or a mapping.",
        "1:74 The stage "e" has "foreach", but no "do" to do for each.",
        "1:93 There is no key "cmd" in the stage "e" with "foreach".",
      ]
    `);
  });
});

test('a thousand stages are read in seconds at most', async () => {
  const many = Array.from(
    { length: 1000 },
    (_, at) => `  s${at}: { cmd: node s.js ${at}, deps: [in/${at}], outs: [out/${at}] }`,
  );
  const start = performance.now();
  expect((await parse(`stages:\n${many.join('\n')}\n`)).pipeline.stages).toHaveLength(1000);
  expect(performance.now() - start).toBeLessThan(4000);
});
