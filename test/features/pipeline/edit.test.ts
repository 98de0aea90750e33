import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createCliProject } from '../../support/cli-project.ts';

const FILE = `# What we do
remote: "origin"   # the team's
remotes: { origin: { url: /tmp/x } }

stages:
  # Makes it clean.
  prepare:   # first
    cmd: 'echo 1 > clean.csv'
    outs:
      - clean.csv   # small

  train: { cmd: "cat clean.csv > m.bin", deps: [ clean.csv ], outs: [m.bin] }
  # all of them
  score:
    matrix: { model: [a, b] }
    cmd: echo \${item.model} > s-\${item.model}
    outs: ["s-\${item.model}"]
  clean:
    foreach: [x]
    do:
      cmd: echo \${item}
gates: []
`;

const project = (more: Record<string, string> = {}) => createCliProject({ '.mlops.yaml': FILE, ...more });

/** The lines that an edit took and gave, as a diff has them. */
async function diffOf({ git, write, commit }: Awaited<ReturnType<typeof project>>, edit: () => Promise<unknown>) {
  await write({});
  await commit('before');
  await edit();
  const diff = await git('diff', '-U0', '--', '.mlops.yaml', 'models');
  return diff.split('\n').filter((line) => /^[+-](?![+-])/.test(line));
}

describe('stage add', () => {
  test('writes a stage as a person would, and leaves every other character alone', async () => {
    const made = await project();
    const diff = await diffOf(made, async () => {
      const { out, exitCode } = await made.mlops(
        ...[
          'stage',
          'add',
          'fit',
          '-d',
          'm.bin',
          '-d',
          'src/*.js',
          '-p',
          'lr,epochs',
          '-p',
          'a.json:x',
          '-p',
          'b.toml:',
        ],
        ...['-o', 'out', '-O', 'kept', '--outs-persist', 'state', '-m', 'm.json', '--plots', 'c.csv', '--env', 'TZ'],
        ...['--desc', 'fits: all', '--always-changed', '--', 'node', 'fit.js', '--name', 'a b', '--x=1'],
      );
      expect(out).toContain('Added stage fit to .mlops.yaml.\n\nTo keep this in Git:\n  git add .mlops.yaml');
      expect(exitCode).toBe(0);
    });
    expect(diff).toMatchInlineSnapshot(`
      [
        "+  fit:",
        "+    desc: "fits: all"",
        "+    cmd: node fit.js --name 'a b' --x=1",
        "+    deps: [m.bin, src/*.js]",
        "+    params: [lr, epochs, { a.json: [x] }, { b.toml: null }]",
        "+    env: [TZ]",
        "+    outs: [out, { state: { persist: true } }, { kept: { cache: false } }]",
        "+    metrics: [m.json]",
        "+    plots: [c.csv]",
        "+    always_changed: true",
      ]
    `);
    const shown = (await made.mlops('stage', 'show', 'fit', '--json')).json<{ stages: object[] }>();
    expect(shown.stages[0]).toMatchObject({
      cmd: ["node fit.js --name 'a b' --x=1"],
      deps: ['m.bin', 'src/*.js'],
      params: [
        { file: 'params.yaml', names: ['lr', 'epochs'] },
        { file: 'a.json', names: ['x'] },
        { file: 'b.toml', names: null },
      ],
      upstream: ['train'],
      alwaysChanged: true,
      line: 22,
    });
  });

  test('takes one word as a script, with its lines, and what YAML would read otherwise in quotes', async () => {
    const made = await project();
    const script = 'cd src\n\nfor x in a b; do\n  echo "$x: #1" # done\ndone';
    await made.mlops('stage', 'add', 'script', '--', script);
    await made.mlops('stage', 'add', 'odd', '-d', '#x: y', '-d', 'a, b', '-d', '12', '--', '- x: {');
    await made.mlops('stage', 'add', 'tabs', '--', ' \techo\t1');
    const { stages } = (await made.mlops('stage', 'show', 'script', 'odd', 'tabs', '--json')).json<{
      stages: { cmd: string[]; deps: string[] }[];
    }>();
    expect(stages.map(({ cmd }) => cmd)).toEqual([[script], ['- x: {'], ['echo\t1']]);
    expect(stages[1]?.deps).toEqual(['#x: y', 'a, b', '12']);
    expect(await made.read('.mlops.yaml')).toContain(
      '    cmd: |-\n      cd src\n\n      for x in a b; do\n        echo',
    );
  });

  test('starts a pipeline where there is none, under a key without a value, and in braces', async () => {
    for (const before of [
      '',
      '# only this\n',
      'stages:\njobs: 2\n',
      'stages: {}\n',
      'stages: { a: { cmd: x } }\n',
      '{}',
    ]) {
      const made = await createCliProject({ '.mlops.yaml': before });
      const { exitCode, err } = await made.mlops('stage', 'add', 'b', '-o', 'o', '--', 'echo 1 > o');
      expect([before, exitCode, err]).toEqual([before, 0, '']);
      const { stages } = (await made.mlops('stage', 'list', '--json')).json<{ stages: { stage: string }[] }>();
      expect(stages.at(-1)).toMatchObject({ stage: 'b', cmd: 'echo 1 > o', outs: ['o'] });
      for (const line of before.split('\n'))
        if (/^#|jobs/.test(line)) expect(await made.read('.mlops.yaml')).toContain(line);
    }
  });

  test('from a folder, runs there; in a folder with a file of its own, writes into that', async () => {
    const made = await createCliProject({
      '.mlops.yaml': 'include: [models/churn/.mlops.yaml]\n',
      'models/churn/.mlops.yaml': '# churn\n',
      'src/a.js': 'x',
    });
    expect((await made.mlops('-C', 'src', 'stage', 'add', 'a', '-d', 'a.js', '--', 'node a.js')).exitCode).toBe(0);
    expect(
      (await made.mlops('-C', 'models/churn', 'stage', 'add', 'b', '-d', 'b.js', '--', 'node b.js')).exitCode,
    ).toBe(0);
    expect(
      (await made.mlops('stage', 'add', 'models/churn:c', '-d', 'c.js', '-w', 'models/churn/x', '--', 'c')).exitCode,
    ).toBe(0);
    expect(await made.read('models/churn/.mlops.yaml')).toBe(
      '# churn\nstages:\n  b:\n    cmd: node b.js\n    deps: [b.js]\n  c:\n    cmd: c\n    wdir: x\n    deps: [c.js]\n',
    );
    const { stages } = (await made.mlops('stage', 'list', '--json')).json<{
      stages: { stage: string; deps: string[] }[];
    }>();
    expect(stages.map(({ stage, deps }) => [stage, ...deps])).toEqual([
      ['a', 'src/a.js'],
      ['models/churn:b', 'models/churn/b.js'],
      ['models/churn:c', 'models/churn/x/c.js'],
    ]);
    const stray = await made.mlops('stage', 'add', 'models/churm:c', '--', 'c');
    expect(stray.err).toContain('No included file speaks of models/churm; did you mean "models/churn"?');
    expect(stray.exitCode).toBe(2);
  });

  test('refuses what could not be run, and writes nothing', async () => {
    const made = await project({ 'code.js': 'x' });
    await made.mlops('add', 'code.js');
    await made.write({ 'tracked.csv': 'x' });
    await made.commit('all');
    for (const [words, wanted, exitCode] of [
      [['a b', '--', 'x'], 'may hold letters', 2],
      [['x'], 'has nothing to run', 2],
      [['train', '--', 'x'], 'There is a stage "train" already', 8],
      [['x', '-o', 'm.bin', '--', 'x'], 'output of the stage "train" already', 2],
      [['x', '-o', 'clean.csv/in', '--', 'x'], 'lies inside "clean.csv"', 2],
      [['x', '-d', 'a', '-o', 'a', '--', 'x'], 'written by the stage that reads it', 2],
      [['x', '-o', '../a', '--', 'x'], 'outside the project', 2],
      [['x', '-o', 'code.js', '--', 'x'], 'tracks code.js as data', 2],
      [['x', '-o', 'tracked.csv', '--', 'x'], 'is tracked by Git', 2],
      [['x', '--env', 'A-B', '--', 'x'], 'is not the name of an environment variable', 2],
      [['x', '--', 'echo ${none}'], 'Nothing says what ${none} is, in "cmd" of the stage "x"', 2],
      [['x', '-w', '..', '--', 'x'], 'outside the project', 2],
      [
        ['prepare', '-f', '-d', 'm.bin', '-o', 'clean.csv', '--', 'x'],
        'wait for each other: prepare → train → prepare',
        2,
      ],
    ] as const) {
      const { err, exitCode: code } = await made.mlops('stage', 'add', ...words);
      expect([words.join(' '), err]).toEqual([words.join(' '), expect.stringContaining(wanted)]);
      expect(code).toBe(exitCode);
      expect(await made.read('.mlops.yaml')).toBe(FILE);
    }
  });

  test('keeps the way the file is written: its indentation, blank lines between stages, and line ends', async () => {
    const before =
      'stages:\r\n    a:\r\n        cmd: x\r\n\r\n    # second\r\n    b:\r\n        cmd: x\r\n\r\n# end\r\njobs: 2';
    const made = await createCliProject({ '.mlops.yaml': before });
    await made.mlops('stage', 'add', 'c', '--', 'y');
    const after = before.replace('\r\n\r\n# end', '\r\n\r\n    c:\r\n        cmd: y\r\n\r\n# end');
    expect(await made.read('.mlops.yaml')).toBe(after);
    await made.mlops('freeze', 'a');
    expect(await made.read('.mlops.yaml')).toBe(after.replace('cmd: x\r\n', 'cmd: x\r\n        frozen: true\r\n'));
    await made.mlops('unfreeze', 'a');
    await made.mlops('stage', 'remove', 'c');
    expect(await made.read('.mlops.yaml')).toBe(before);
  });

  test('leaves a file alone that is not in order itself', async () => {
    for (const text of ['stages: [', 'stages: {}\nstages: {}\n', 'stages: 3\n', '<<<<<<< a\nx: 1\n']) {
      const made = await createCliProject({ '.mlops.yaml': text });
      const { exitCode, err } = await made.mlops('stage', 'add', 'a', '--', 'x');
      expect([text, exitCode, err]).toEqual([text, 2, expect.stringContaining('.mlops.yaml')]);
      expect(await made.read('.mlops.yaml')).toBe(text);
    }
  });

  test('replaces a stage with --force, whether it is written in lines or in braces, and says what it would do', async () => {
    const made = await project();
    const dry = await made.mlops('stage', 'add', '-f', 'train', '-n', '-o', 'm', '--', 'echo 2 > m');
    expect(dry.out).toMatchInlineSnapshot(`
      "Would add stage train to .mlops.yaml.
      .mlops.yaml:12
      -   train: { cmd: "cat clean.csv > m.bin", deps: [ clean.csv ], outs: [m.bin] }
      +   train:
      +     cmd: echo 2 > m
      +     outs: [m]
      "
    `);
    expect(await made.read('.mlops.yaml')).toBe(FILE);
    const diff = await diffOf(made, async () => {
      await made.mlops('stage', 'add', '-f', 'train', '-o', 'm', '--', 'echo 2 > m');
      await made.mlops('stage', 'add', '-f', 'score', '--', 'x');
    });
    expect(diff).toMatchInlineSnapshot(`
      [
        "-  train: { cmd: "cat clean.csv > m.bin", deps: [ clean.csv ], outs: [m.bin] }",
        "+  train:",
        "+    cmd: echo 2 > m",
        "+    outs: [m]",
        "-    matrix: { model: [a, b] }",
        "-    cmd: echo \${item.model} > s-\${item.model}",
        "-    outs: ["s-\${item.model}"]",
        "+    cmd: x",
      ]
    `);
  });
});

describe('stage remove', () => {
  test('takes the stage with the comment right above it', async () => {
    const made = await project();
    const diff = await diffOf(made, () => made.mlops('stage', 'remove', 'score'));
    expect(diff).toMatchInlineSnapshot(`
      [
        "-  # all of them",
        "-  score:",
        "-    matrix: { model: [a, b] }",
        "-    cmd: echo \${item.model} > s-\${item.model}",
        "-    outs: ["s-\${item.model}"]",
      ]
    `);
  });

  test('keeps the entry of the lockfile until the next run, so that a stage that comes back does not run again', async () => {
    const made = await project();
    await made.mlops('repro', 'train');
    await made.mlops('stage', 'remove', 'train');
    expect(await made.read('.mlops.lock.yaml')).toContain('  train:\n');
    await made.write({ '.mlops.yaml': FILE });
    expect((await made.mlops('repro', 'train')).out).toContain('2 stages up to date');
  });

  test('takes out a stage with a mistake', async () => {
    const made = await createCliProject({
      '.mlops.yaml': 'stages:\n  a: { cmd: x }\n  b: { cdm: x }\n  c: { outs: [/x] }\n',
    });
    expect((await made.mlops('stage', 'remove', 'b')).exitCode).toBe(0);
    expect(await made.read('.mlops.yaml')).toBe('stages:\n  a: { cmd: x }\n  c: { outs: [/x] }\n');
  });
});

describe('stage rename', () => {
  test('moves the entry in the lockfile too, and nothing runs again, of a group as well', async () => {
    const made = await project();
    await made.mlops('repro');
    const diff = await diffOf(made, async () => {
      const { exitCode } = await made.mlops('stage', 'rename', 'train', 'fit');
      expect(exitCode).toBe(0);
      const group = (await made.mlops('stage', 'rename', 'score', 'rate', '--json')).json<{ locked: unknown[] }>();
      expect(group.locked).toEqual([
        { from: 'score@a', to: 'rate@a' },
        { from: 'score@b', to: 'rate@b' },
      ]);
    });
    expect(diff).toMatchInlineSnapshot(`
      [
        "-  train: { cmd: "cat clean.csv > m.bin", deps: [ clean.csv ], outs: [m.bin] }",
        "+  fit: { cmd: "cat clean.csv > m.bin", deps: [ clean.csv ], outs: [m.bin] }",
        "-  score:",
        "+  rate:",
      ]
    `);
    const lockfile = await made.read('.mlops.lock.yaml');
    expect([...lockfile.matchAll(/^ {2}(\S+):$/gm)].map(([, name]) => name)).toEqual([
      'clean@x',
      'fit',
      'prepare',
      'rate@a',
      'rate@b',
    ]);
    const { stages } = (await made.mlops('repro', '-n', '--json')).json<{
      stages: { stage: string; outcome: string }[];
    }>();
    expect(stages.filter(({ outcome }) => outcome !== 'up-to-date').map(({ stage }) => stage)).toEqual([]);
  });

  test('refuses a name that is taken or cannot be, another folder, and one stage of a group', async () => {
    const made = await project();
    for (const [words, wanted] of [
      [['train', 'prepare'], 'There is a stage "prepare" already'],
      [['train', 'a b'], 'may hold letters'],
      [['train', 'models:fit'], '"train" stays in .mlops.yaml'],
      [['score@a', 'x'], '"score@a" is one of several stages that .mlops.yaml writes as one, "score" with matrix'],
      [['trian', 'x'], 'There is no stage called trian; did you mean "train"?'],
    ] as const) {
      expect((await made.mlops('stage', 'rename', ...words)).err).toContain(wanted);
      expect(await made.read('.mlops.yaml')).toBe(FILE);
    }
  });
});

describe('freeze', () => {
  test('and unfreeze give back the very same file, for stages in lines, in braces, of a matrix and of a foreach', async () => {
    const made = await project();
    const diff = await diffOf(made, () => made.mlops('freeze', 'prepare', 'train', 'score', 'clean'));
    expect(diff).toMatchInlineSnapshot(`
      [
        "+    frozen: true",
        "-  train: { cmd: "cat clean.csv > m.bin", deps: [ clean.csv ], outs: [m.bin] }",
        "+  train: { cmd: "cat clean.csv > m.bin", deps: [ clean.csv ], outs: [m.bin], frozen: true }",
        "+    frozen: true",
        "+      frozen: true",
      ]
    `);
    const { stages } = (await made.mlops('stage', 'list', '--json')).json<{ stages: { frozen: boolean }[] }>();
    expect(stages.map(({ frozen }) => frozen)).toEqual([true, true, true, true, true]);
    const again = await made.mlops('freeze', 'train');
    expect(again.out).toContain('Frozen already: train.');
    expect((await made.mlops('unfreeze', 'prepare', 'train', 'score', 'clean')).out).toContain(
      'Unfrozen: prepare, train, score, clean.',
    );
    expect(await made.read('.mlops.yaml')).toBe(FILE);
  });

  test('of one stage of several is refused with a sentence', async () => {
    const made = await project();
    const { err, exitCode } = await made.mlops('freeze', 'clean@x');
    expect(err).toMatchInlineSnapshot(`
      "error: "clean@x" is one of several stages that .mlops.yaml writes as one, "clean" with foreach: it has no lines of its own.
      hint: All of them: mlops freeze clean. That one alone: leave it out of foreach.
      "
    `);
    expect(exitCode).toBe(2);
  });
});

test('every stage of the example can be renamed, frozen and removed without touching another line', async () => {
  const example = readFileSync('.mlops.example.yaml', 'utf8');
  const files = { '.mlops.yaml': example, 'config.yaml': '{}', 'params.yaml': 'train: { hidden: [16], epochs: 60 }\n' };
  const made = await createCliProject(files);
  for (const name of ['prepare', 'train', 'evaluate', 'report', 'clean', 'score']) {
    const left = (text: string) => text.split('\n').filter((line) => !example.split('\n').includes(line));
    expect((await made.mlops('stage', 'rename', name, `${name}-2`)).exitCode).toBe(0);
    expect(left(await made.read('.mlops.yaml'))).toHaveLength(1);
    await made.mlops('stage', 'rename', `${name}-2`, name);
    expect(await made.read('.mlops.yaml')).toBe(example);
    await made.mlops('freeze', name);
    await made.mlops('unfreeze', name);
    const lines = (text: string) => text.split('\n').filter((line) => !line.includes('frozen:'));
    expect(lines(await made.read('.mlops.yaml'))).toEqual(lines(example));
    await made.mlops('stage', 'remove', name);
    expect(left(await made.read('.mlops.yaml'))).toEqual([]);
    await made.write(files);
  }
});
