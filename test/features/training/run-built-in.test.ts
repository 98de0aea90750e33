import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MlopsError } from '../../../src/core/errors.ts';
import type { Event } from '../../../src/core/event.ts';
import { runByHand } from '../../../src/features/training/by-hand.ts';
import { runBuiltIn } from '../../../src/features/training/run-built-in.ts';
import { createFolder } from '../../support/sandbox.ts';
import { createDesk, penguins } from './jobs.ts';

// These start the real child, from dist: `npm test` builds it first.

async function createRoot() {
  const root = await createFolder();
  const data = join(import.meta.dirname, '..', '..', '..', 'fixtures', 'penguins', 'penguins.csv');
  copyFileSync(data, join(root, 'penguins.csv'));
  const events: Event[] = [];
  const stopping = new AbortController();
  const context = {
    root,
    stage: 'train',
    env: process.env,
    report: (event: Event) => void events.push(event),
    signal: stopping.signal,
  };
  return { root, events, stopping, context };
}

test('the child trains the same bits as this process, and tells of each epoch', async () => {
  const [{ root, events, context }, desk] = [await createRoot(), await createDesk()];
  desk.lay('penguins');
  const settings = penguins({ backend: 'wasm', fit: { epochs: 3n } });
  expect(await runBuiltIn('train', settings, context)).toMatchObject({
    exitCode: 0,
    signal: null,
    error: null,
    result: { out: 'models/penguins', epochs: 3, backend: 'wasm' },
  });
  expect(events).toMatchObject([1, 2, 3].map((epoch) => ({ type: 'epoch', stage: 'train', epoch, epochs: 3 })));

  await desk.run('train', settings);
  for (const file of readdirSync(join(root, 'models/penguins'))) {
    expect(readFileSync(join(root, 'models/penguins', file))).toEqual(
      readFileSync(join(desk.root, 'models/penguins', file)),
    );
  }
});

test('what is wrong with the data comes back as a sentence', async () => {
  const { context } = await createRoot();
  expect(await runBuiltIn('train', penguins({ target: 'specie' }), context)).toEqual({
    exitCode: 1,
    signal: null,
    result: null,
    error: {
      kind: 'invalid-data',
      message: 'penguins.csv has no column "specie"; did you mean "species"?',
      hint: 'Its columns are species, island, beak_length, beak_depth, flipper_length, body_mass, sex.',
    },
  });
});

test('the tensorflow backend without its package says how to get it', async () => {
  const { context } = await createRoot();
  const { error } = await runBuiltIn('train', penguins({ backend: 'tensorflow' }), context);
  expect(error).toEqual({
    kind: 'failed',
    message: 'The tensorflow backend needs @tensorflow/tfjs-node, which this project does not have.',
    hint: expect.stringContaining('npm install @tensorflow/tfjs-node'),
  });
});

test.each([
  ['interrupted', 130],
  ['terminated', 143],
] as const)('an %s training ends between two batches and leaves what was there', async (kind, exitCode) => {
  const { root, stopping, context } = await createRoot();
  mkdirSync(join(root, 'models/penguins'), { recursive: true });
  writeFileSync(join(root, 'models/penguins/notes.txt'), 'mine');
  const report = ({ type }: Event) => {
    if (type === 'epoch') stopping.abort(new MlopsError(kind, 'Stop.'));
  };
  const long = penguins({ backend: 'cpu', fit: { epochs: 1_000_000n } });
  const exit = await runBuiltIn('train', long, { ...context, report });
  expect(exit).toMatchObject({ exitCode, result: null, error: { kind: 'interrupted' } });
  expect(readFileSync(join(root, 'models/penguins/notes.txt'), 'utf8')).toBe('mine');
  expect(readdirSync(join(root, 'models'))).toEqual(['penguins']);
  expect(existsSync(join(root, 'plots'))).toBe(false);
});

test('by hand, options win over the config file, and paths start from the current folder', async () => {
  const { root, context } = await createRoot();
  writeFileSync(join(root, '.mlops.yaml'), '');
  mkdirSync(join(root, 'lab'));
  writeFileSync(
    join(root, 'lab/small.yaml'),
    'train:\n  data: ../penguins.csv\n  target: species\n  model: mlp\n  fit: { epochs: 50 }\n  out: m\n',
  );
  const request = {
    settings: { model: { hidden: [4n] }, fit: { epochs: 2n } },
    config: 'small.yaml',
    force: false,
    ...context,
    cwd: join(root, 'lab'),
  };
  const { settings, result } = await runByHand('train', request);
  expect(settings).toMatchObject({
    data: { train: 'penguins.csv' },
    model: { type: 'mlp', hidden: [4] },
    out: 'lab/m',
  });
  expect(result).toMatchObject({ out: 'lab/m', epochs: 2, backend: 'cpu' });

  await expect(runByHand('train', request)).rejects.toThrow('lab/m is already there.');
  const measured = await runByHand('evaluate', { ...request, settings: { model: 'm' }, config: null });
  expect(readdirSync(join(root, 'lab'))).toEqual(['m', 'small.yaml']);
  expect(measured.result).toMatchObject({ rows: 52, out: null, metrics: { accuracy: expect.any(Number) } });
});

test('by hand, wrong settings are a usage error that names them all', async () => {
  const { root, context } = await createRoot();
  const request = {
    settings: { data: 'penguins.csv', fit: { epochs: 0n } },
    config: null,
    force: false,
    ...context,
    cwd: root,
  };
  await expect(runByHand('train', request)).rejects.toMatchObject({
    kind: 'usage',
    message: [
      '"out" is missing: it has to be a text.',
      '"target" is missing: it has to be a text.',
      'fit.epochs: "epochs" has to be a whole number from 1 to 1000000, not 0.',
    ].join('\n  '),
  });
});

test('by hand, a file that is there is replaced only when that was said', async () => {
  const { root, context } = await createRoot();
  const cwd = root;
  const settings = { data: 'penguins.csv', target: 'species', fit: { epochs: 1n }, out: 'm' };
  await runByHand('train', { settings, config: null, force: false, ...context, cwd });
  writeFileSync(join(root, 'p.csv'), 'mine');
  const request = { settings: { model: 'm', data: 'penguins.csv', out: 'p.csv' }, config: null, ...context, cwd };
  await expect(runByHand('predict', { ...request, force: false })).rejects.toMatchObject({
    kind: 'refused',
    message: 'p.csv is already there.',
  });
  expect(readFileSync(join(root, 'p.csv'), 'utf8')).toBe('mine');
  await runByHand('predict', { ...request, force: true });
  expect(readFileSync(join(root, 'p.csv'), 'utf8')).toMatch(/^prediction,/);
});
