import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readPipelineFile } from '../../src/stores/documents/pipeline-file.ts';
import { layoutOf } from '../../src/project/layout.ts';
import { findRead, keepRead } from '../../src/project/read-once.ts';
import { createPipelineProject, outcomesOf } from '../support/pipeline-project.ts';
import { createSandbox } from '../support/sandbox.ts';

async function parse(text: string, file: string) {
  const { settings, pipeline } = await readPipelineFile(Buffer.from(text), file, async () => undefined);
  return { settings, pipeline };
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
  expect(found).toEqual(read);
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

test('a short one, and one that says what other files say, are read each time', async () => {
  for (const text of [stages(3), stages(300, ' ${p}')]) {
    const project = await createPipelineProject(text, { 'params.yaml': 'p: ""\n' });
    await (await project.open()).pipeline();
    expect(existsSync(project.path('.mlops/pipeline'))).toBe(false);
  }
});
