import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPipelineFile } from '../../../src/stores/documents/pipeline-file.ts';

const text = readFileSync('.mlops.example.yaml', 'utf8');
const files: Record<string, string> = {
  'params.yaml': 'train: { hidden: [16], epochs: 60 }\n',
  'config.yaml': '{}',
};
const read = async (path: string) => (files[path] === undefined ? undefined : Buffer.from(files[path]));

test('the example is a valid configuration', async () => {
  const { pipeline, settings, problems } = await readPipelineFile(text, '.mlops.example.yaml', read);
  expect(problems).toEqual([]);
  expect(pipeline.stages.map(({ name }) => name)).toEqual([
    'prepare',
    'train',
    'evaluate',
    'report',
    'clean@de',
    'clean@fr',
    'score@linear-1',
    'score@linear-2',
    'score@mlp-1',
  ]);
  expect(settings).toMatchObject({ remote: 'origin', jobs: 1, remotes: { archive: { url: '/mnt/archive/iris' } } });
  expect(pipeline.gates).toHaveLength(2);
});

test('what the example shows as a comment is valid as well', async () => {
  const shown = text.replace(/^( *)# ([a-zA-Z]+:)/gm, '$1$2');
  const { settings, problems } = await readPipelineFile(shown, '.mlops.example.yaml', read);
  expect(problems).toEqual([]);
  expect(Object.keys(settings.remotes?.['origin'] ?? {}).toSorted()).toEqual([
    'acl',
    'anonymous',
    'caFile',
    'endpoint',
    'jobs',
    'kmsKey',
    'listing',
    'pathStyle',
    'profile',
    'region',
    'requestPayer',
    'sse',
    'url',
  ]);
});

test('whatever is done to the example is read, or told with places in the file', async () => {
  const lines = text.split('\n').length;
  const edit = fc.tuple(
    fc.nat(text.length),
    fc.nat(12),
    fc.constantFrom('', ...'{}[]:-#&*!|>\'"%@`, \n\t0~<$', 'null', '\u0000', '${', '- ', 'x: '),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) => {
      const changed = edits.reduce((now, [at, length, put]) => now.slice(0, at) + put + now.slice(at + length), text);
      const { problems } = await readPipelineFile(changed, '.mlops.example.yaml', read);
      for (const { line, column, message } of problems) {
        expect(line).toBeGreaterThan(0);
        expect(line).toBeLessThanOrEqual(lines + 20);
        expect(column).toBeGreaterThan(0);
        expect(message).toMatch(/^\S.*[.?!…)"}]$/s);
      }
    }),
    { numRuns: 150 },
  );
});
