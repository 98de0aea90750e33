import { describe, expect, test } from 'vitest';
import { readPipelineFile } from '../../../src/stores/documents/pipeline-file.ts';

async function read(text: string, files: Record<string, string> = {}) {
  return readPipelineFile(text, '.mlops.yaml', async (path) =>
    files[path] === undefined ? undefined : Buffer.from(files[path]),
  );
}

async function problemsOf(text: string, files: Record<string, string> = {}): Promise<string[]> {
  const { problems } = await read(text, files);
  return problems.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`);
}

async function namesOf(matrix: string): Promise<Record<string, string | undefined>> {
  const { pipeline, problems } = await read(`stages: { s: { matrix: ${matrix}, cmd: "x \${item}" } }`);
  expect(problems).toEqual([]);
  return Object.fromEntries(pipeline.stages.map(({ name, scripts }) => [name, scripts[0]]));
}

describe('variables', () => {
  test('come from YAML, JSON and TOML, keeping their types', async () => {
    const { pipeline, problems } = await read(
      'vars: [a.json, b.toml]\nstages: { s: { cmd: x, meta: { y: "${y}", j: "${j}", t: "${t.d[1]}", f: "${t.f}" } } }',
      { 'params.yaml': 'y: 12345678901234567890', 'a.json': '{"j": "1"}', 'b.toml': 't = { d = [1, 2], f = 1.0 }' },
    );
    expect(problems).toEqual([]);
    expect(pipeline.stages[0]?.meta).toEqual({ y: 12345678901234567890n, j: '1', t: 2n, f: 1 });
  });

  test('that two sources give different values are a mistake that names both; the same value is said twice', async () => {
    const files = {
      'params.yaml': 'lr: 0.1\nsame: [1, 2]\nmodel: { type: mlp }\ndeep: { a: { b: 1 } }',
      'config.yaml': 'lr: 0.2\nsame: [1, 2]\nmodel: cnn\ndeep: { a: { b: 1, c: 2 } }',
    };
    const text = 'vars:\n  - config.yaml\n  - { lr: 0.1, deep: 3 }\nstages: { s: { cmd: "x ${lr}" } }';
    expect(await problemsOf(text, files)).toMatchInlineSnapshot(`
      [
        ".mlops.yaml:2:5 "lr" is 0.1 in params.yaml, but 0.2 in config.yaml; say it once.",
        ".mlops.yaml:2:5 "model" is { "type": "mlp" } in params.yaml, but "cnn" in config.yaml; say it once.",
        ".mlops.yaml:3:5 "deep" is { "a": { "b": 1 } } in params.yaml, but 3 in .mlops.yaml; say it once.",
        ".mlops.yaml:3:5 "lr" is 0.2 in config.yaml, but 0.1 in .mlops.yaml; say it once.",
        ".mlops.yaml:3:5 "deep" is { "a": { "b": 1, "c": 2 } } in config.yaml, but 3 in .mlops.yaml; say it once.",
      ]
    `);
  });

  test('are told with file, stage and field where they are not known', async () => {
    const text =
      'stages:\n  s:\n    cmd: x\n    outs: ["${a.b[3]}.csv"]\n  t:\n    foreach: "${c}"\n    do: { cmd: "${item.x}" }\n';
    expect(await problemsOf(text, { 'params.yaml': 'a: { b: [1, 2] }' })).toMatchInlineSnapshot(`
      [
        ".mlops.yaml:4:12 Nothing says what \${a.b[3]} is, in "outs" of the stage "s". A "$" that the shell is to see is written \\\${…}.",
        ".mlops.yaml:6:14 Nothing says what \${c} is, in the stage "t"; did you mean "a"? A "$" that the shell is to see is written \\\${…}.",
      ]
    `);
  });

  test('in a command, a mapping that stands alone becomes flags too, and a list is refused', async () => {
    const files = {
      'params.yaml': 'args: { lr: 0.1, tags: [a b, c], on: true, off: false, in: { er: 1 } }\nlist: [1]',
    };
    const { pipeline } = await read('stages: { s: { cmd: ["${args}", "x \\\\${args}"] } }', files);
    expect(pipeline.stages[0]?.scripts).toEqual(["--lr 0.1 --tags 'a b' c --on --in.er 1", 'x ${args}']);
    expect(await problemsOf('stages: { s: { cmd: "x ${list}" } }', files)).toEqual([
      '.mlops.yaml:1:21 ${list} stands for a list, which has no place in a text, in "cmd" of the stage "s".',
    ]);
  });
});

describe('a matrix', () => {
  test('includes what agrees with its combinations in them, and what does not as one more', async () => {
    expect(
      await namesOf(
        '{ model: [linear, mlp], fold: [1, 2], exclude: [{ model: mlp, fold: 2 }], include: [{ model: mlp, deep: true }, { model: cnn, fold: 9 }, { all: 1 }] }',
      ),
    ).toMatchInlineSnapshot(`
      {
        "s@cnn-9": "x --model cnn --fold 9 --all 1",
        "s@linear-1": "x --model linear --fold 1 --all 1",
        "s@linear-2": "x --model linear --fold 2 --all 1",
        "s@mlp-1": "x --model mlp --fold 1 --deep --all 1",
      }
    `);
    expect(await namesOf('{ include: [{ model: linear }, { model: mlp, fold: 1 }] }')).toEqual({
      's@linear': 'x --model linear',
      's@mlp-1': 'x --model mlp --fold 1',
    });
  });

  test('that cannot be is told with the place in it', async () => {
    expect(
      await problemsOf(`stages:
  a: { matrix: { fold: [] }, cmd: x }
  b: { matrix: {}, cmd: x }
  c: { matrix: [1], cmd: x }
  d: { matrix: { fold: [1], exclude: [{ flod: 1 }, 3], include: x }, cmd: x }
  e: { matrix: { fold: 3, model: linear }, cmd: x }
  f: { matrix: { fold: [1, "1"] }, cmd: x }
`),
    ).toMatchInlineSnapshot(`
      [
        ".mlops.yaml:2:18 "fold" has no value, so this matrix stands for no stage.",
        ".mlops.yaml:3:8 "matrix" needs a list to combine, such as { model: [linear, mlp] }.",
        ".mlops.yaml:4:16 "matrix" has to be a mapping, not a list.",
        ".mlops.yaml:5:39 "exclude" names "flod", which is no list of this matrix.",
        ".mlops.yaml:5:52 Each item of "exclude" has to be a mapping, not 3.",
        ".mlops.yaml:5:65 "include" has to be a list, not "x".",
        ".mlops.yaml:6:24 "fold" has to be a list, not 3.",
        ".mlops.yaml:6:34 "model" has to be a list, not "linear".",
        ".mlops.yaml:7:3 There is a stage "f@1" already, in line 7.",
      ]
    `);
  });
});
