import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { checkoutPaths } from '../../../src/features/data/checkout/checkout.ts';
import { createPipelineProject } from '../../support/pipeline-project.ts';

async function metricsProject() {
  const project = await createPipelineProject(
    `stages: { s: { cmd: 'cat in > m.json', deps: [in], metrics: [m.json] } }`,
    { in: '1' },
  );
  await project.repro();
  const checkout = async (targets: string[], force = false) =>
    checkoutPaths(await project.open(), { targets, force, allowMissing: false });
  return { ...project, checkout };
}

test('a metric that is gone comes back from the cache, named or not', async () => {
  const project = await metricsProject();
  for (const targets of [['m.json'], []]) {
    await rm(project.path('m.json'));
    expect(await project.checkout(targets)).toMatchObject({ added: ['m.json'] });
    expect(await project.read('m.json')).toBe('1');
  }
});

test('a metric that was edited is left to Git; when it is named it is kept as well, unless forced', async () => {
  const project = await metricsProject();
  await project.write({ 'm.json': '2' });
  expect(await project.checkout([])).toMatchObject({ modified: [], kept: [] });
  expect(await project.checkout(['m.json'])).toMatchObject({ modified: [], kept: ['m.json'] });
  expect(await project.checkout(['m.json'], true)).toMatchObject({ modified: ['m.json'] });
  expect(await project.read('m.json')).toBe('1');
});
