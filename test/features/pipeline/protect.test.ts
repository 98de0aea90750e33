import { chmod, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { Project } from '../../../src/project/project.ts';
import { digestOf } from '../../../src/system/hash.ts';
import { createPipelineProject, outcomesOf } from '../../support/pipeline-project.ts';

const cacheOf = async (project: { open(): Promise<Project> }) => (await project.open()).cache();

async function damage(project: { open(): Promise<Project> }, text: string) {
  const object = (await cacheOf(project)).pathOf(digestOf(text)) ?? '';
  await chmod(object, 0o644);
  await writeFile(object, text.replaceAll(/./g, 'X'));
}

test('an output that is kept out of the cache goes where a person finds it when it is replaced, unless the stage had made it', async () => {
  const project = await createPipelineProject(
    'stages: { s: { cmd: "cat in > d/o", deps: [in], outs: [{ d/o: { cache: false } }] } }',
    { in: '1\n', 'd/o': 'by hand\n' },
  );
  const { run } = await project.repro();
  expect(await project.read('d/o')).toBe('1\n');
  expect(await project.read(`.mlops/replaced/${run}/d/o`)).toBe('by hand\n');
  expect(project.events).toContainEqual({
    type: 'warning',
    message: expect.stringContaining(`.mlops/replaced/${run}/d/o`),
    hint: null,
  });

  await project.write({ in: '2\n' });
  const again = await project.repro();
  expect(project.exists(`.mlops/replaced/${again.run}`)).toBe(false);
});

test('a stage that fails leaves no folder behind that was not there', async () => {
  const project = await createPipelineProject('stages: { s: { cmd: "exit 1", deps: [in], metrics: [d/e/m.json] } }', {
    in: '',
  });
  await project.repro();
  expect(project.exists('d')).toBe(false);
});

test('a damaged copy in the cache does not stand for an output: it is made whole before the output is replaced', async () => {
  const project = await createPipelineProject(
    'stages: { s: { cmd: "mkdir -p d && cat in > o && cp in d/f && echo $RANDOM$$ > d/n", deps: [in], outs: [o, d] } }',
    { in: 'first\n' },
  );
  await project.repro();
  await damage(project, 'first\n');
  await project.write({ in: 'second\n' });
  expect(outcomesOf(await project.repro())).toEqual({ s: 'ran' });
  expect(Buffer.from((await cacheOf(project)).readBytes(digestOf('first\n'))).toString()).toBe('first\n');
});

test('a damaged tree is made whole in the same way', async () => {
  const project = await createPipelineProject(
    'stages: { s: { cmd: "mkdir -p d && cp in d/f", deps: [in], outs: [d] } }',
    {
      in: 'first\n',
    },
  );
  await project.repro();
  const locked = (await project.open()).readLockfile().stages['s']?.outputs['d'];
  const tree = (await cacheOf(project)).pathOf(locked?.digest ?? digestOf('')) ?? '';
  await chmod(tree, 0o644);
  await writeFile(tree, 'no tree');
  await damage(project, 'first\n');
  await project.write({ in: 'second\n' });
  expect(outcomesOf(await project.repro())).toEqual({ s: 'ran' });
  await project.write({ in: 'first\n' });
  expect(outcomesOf(await project.repro())).toEqual({ s: 'restored' });
  expect(await project.read('d/f')).toBe('first\n');
});

test('a restore with damaged objects works at once: from what is here, or by running the stage, as a dry run says', async () => {
  const project = await createPipelineProject('stages: { s: { cmd: "cat in > o", deps: [in], outs: [o] } }', {
    in: 'first\n',
  });
  await project.repro();
  await project.write({ in: 'second\n' });
  await project.repro();

  await damage(project, 'second\n');
  await project.write({ in: 'first\n' });
  expect(outcomesOf(await project.repro({ dryRun: true }))).toEqual({ s: 'would-restore' });
  const result = await project.repro();
  expect(result.failures).toEqual([]);
  expect(outcomesOf(result)).toEqual({ s: 'restored' });

  await damage(project, 'second\n');
  await project.write({ in: 'second\n' });
  expect(outcomesOf(await project.repro({ dryRun: true }))).toEqual({ s: 'would-run' });
  expect(outcomesOf(await project.repro())).toEqual({ s: 'ran' });
  expect(await project.read('o')).toBe('second\n');
});
