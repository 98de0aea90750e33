import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readPipelineFile } from '../../src/stores/documents/pipeline-file.ts';
import { layoutOf } from '../../src/project/layout.ts';
import { findRead, keepRead } from '../../src/project/read-once.ts';
import { createPipelineProject, outcomesOf } from '../support/pipeline-project.ts';
import { createSandbox } from '../support/sandbox.ts';

async function parse(text: string, file: string) {
  const { settings, pipeline } = await readPipelineFile(Buffer.from(text), file, async () => undefined);
  return { settings, pipeline, others: new Map() };
}

const TEXT = `remotes: { team: { url: s3://team } }
resources: { gpu: 2 }
data: { a: { desc: odd, meta: { since: 2026, toString: 1 } } }
stages:
  a:
    cmd: [x, y]
    meta: { __proto__: { owner: me }, big: 12345678901234567890, float: 1.0, list: [{ a: null }] }
    resources: { gpu: 1 }
    plots: [{ curve.csv: { x: epoch } }]
`;

test('what was kept of a text is what it is read as', async () => {
  const sandbox = await createSandbox();
  const layout = layoutOf(sandbox.root);
  const read = await parse(TEXT, '.mlops.yaml');
  expect(findRead(layout, Buffer.from(TEXT))).toBeUndefined();
  keepRead(layout, Buffer.from(TEXT), read);
  const found = findRead(layout, Buffer.from(TEXT));
  expect(found).toEqual({ settings: read.settings, pipeline: read.pipeline });
  expect(Object.getPrototypeOf(found?.pipeline.data)).toBeNull();
  expect(Object.keys(found?.pipeline.stages[0]?.meta ?? {})).toEqual(['__proto__', 'big', 'float', 'list']);
  expect(findRead(layout, Buffer.from(`${TEXT}\n`))).toBeUndefined();
});

test('what was kept and is damaged is thrown away, wherever the damage is', async () => {
  const sandbox = await createSandbox();
  const layout = layoutOf(sandbox.root);
  keepRead(layout, Buffer.from(TEXT), await parse(TEXT, '.mlops.yaml'));
  const file = sandbox.path('.mlops/pipeline');
  const whole = readFileSync(file);
  for (let at = 0; at < whole.length; at += 7) {
    const damaged = Buffer.from(whole);
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    writeFileSync(file, damaged);
    expect(findRead(layout, Buffer.from(TEXT))).toBeUndefined();
  }
  for (const length of [0, 10, whole.length - 1]) {
    writeFileSync(file, whole.subarray(0, length));
    expect(findRead(layout, Buffer.from(TEXT))).toBeUndefined();
  }
});

const stages = (count: number, end = '') =>
  `stages:\n${Array.from({ length: count }, (_, at) => `  s${at}: { cmd: "echo ${at} > o${at}${end}", outs: [o${at}], frozen: ${at > 0} }\n`).join('')}`;

test('a long pipeline file is read once, and again when it says something else', async () => {
  const project = await createPipelineProject(stages(300));
  expect(outcomesOf(await project.repro())['s0']).toBe('ran');
  expect(existsSync(project.path('.mlops/pipeline'))).toBe(true);
  const again = await (await project.open()).pipeline();
  expect(again).toEqual((await parse(stages(300), '.mlops.yaml')).pipeline);
  expect(outcomesOf(await project.repro())['s0']).toBe('up-to-date');
  await project.write({ '.mlops.yaml': stages(300, ' && true') });
  expect(outcomesOf(await project.repro())['s0']).toBe('ran');
  await project.write({ '.mlops.yaml': `${stages(300)}  s0: { cmd: twice }\n` });
  await expect(project.repro()).rejects.toMatchObject({ kind: 'invalid-file' });
  await expect(project.repro()).rejects.toMatchObject({ kind: 'invalid-file' });
});

test('a short one is read each time', async () => {
  const project = await createPipelineProject(stages(2));
  await (await project.open()).pipeline();
  expect(existsSync(project.path('.mlops/pipeline'))).toBe(false);
});

test('what other files say is looked at again when they change, come or go', async () => {
  const project = await createPipelineProject(`include: [a/.mlops.yaml]\n${stages(300, '${n}')}`, {
    'params.yaml': 'n: 1',
    'a/.mlops.yaml': 'stages: { t: { cmd: "x ${m:-none}" } }',
  });
  const scripts = async () => {
    const { stages: all } = await (await project.open()).pipeline();
    return [all[0], all.at(-1)].map((stage) => stage?.scripts[0]);
  };
  const kept = () => readFileSync(project.path('.mlops/pipeline'));
  expect(await scripts()).toEqual(['echo 0 > o01', 'x none']);
  const first = kept();
  expect(await scripts()).toEqual(['echo 0 > o01', 'x none']);
  expect(kept().equals(first)).toBe(true);
  for (const [path, text, wanted] of [
    ['params.yaml', 'n: 2', ['echo 0 > o02', 'x none']],
    ['a/params.yaml', 'm: 7', ['echo 0 > o02', 'x 7']],
    ['a/.mlops.yaml', 'stages: { t: { cmd: y } }', ['echo 0 > o02', 'y']],
  ] as const) {
    await project.write({ [path]: text });
    expect(await scripts()).toEqual(wanted);
    expect(await scripts()).toEqual(wanted);
  }
});
