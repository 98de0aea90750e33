import { expect, test } from 'vitest';
import { backendReport } from '../../../src/features/training/backend-report.ts';
import { createDesk } from './jobs.ts';

test('without tfjs-node, the report says how to get it on each npm', async () => {
  const { root } = await createDesk();
  expect(backendReport(root)).toMatchObject({
    bundled: ['wasm', 'cpu'],
    hasSimd: true,
    native: null,
    install: {
      npm11: ['npm install @tensorflow/tfjs-node'],
      npm12: [
        'npm install @tensorflow/tfjs-node',
        'npm install-scripts approve @tensorflow/tfjs-node',
        'npm rebuild @tensorflow/tfjs-node',
      ],
    },
  });
});

test('a tfjs-node whose install script was blocked is told from a whole one', async () => {
  const folder = 'node_modules/@tensorflow/tfjs-node';
  const desk = await createDesk({
    [`${folder}/package.json`]: '{ "name": "@tensorflow/tfjs-node", "version": "4.22.0" }',
  });
  expect(backendReport(desk.root).native).toMatchObject({ version: '4.22.0', hasAddon: false });
  desk.write(`${folder}/lib/napi-v8/tfjs_binding.node`, '');
  expect(backendReport(desk.root).native).toMatchObject({ hasAddon: true });
});
