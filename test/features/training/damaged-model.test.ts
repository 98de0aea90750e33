import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createDesk, penguins } from './jobs.ts';

const model = 'models/penguins';

async function trained() {
  const desk = await createDesk();
  desk.lay('penguins');
  await desk.run('train', penguins({ fit: { epochs: 1n } }));
  return desk;
}

const wayOut = 'Get it back: mlops checkout --force models/penguins; or train it again: mlops repro';

test('a model that is not there, with the ways to get it', async () => {
  const desk = await createDesk();
  expect(await desk.failure('evaluate', { model: 'models/penguins' })).toEqual({
    kind: 'data-missing',
    message: 'There is no model in models/penguins.',
    hint: 'mlops pull models/penguins, or train it: mlops repro',
  });
});

test.each(['model.json', 'weights.bin', 'preprocess.json', 'signature.json', 'training.json'])(
  'a model folder without its %s is damaged',
  async (file) => {
    const desk = await trained();
    rmSync(join(desk.root, model, file));
    expect(await desk.failure('predict', { model, data: 'penguins.csv' })).toEqual({
      kind: 'invalid-data',
      message: `The model in models/penguins is damaged: ${file} is missing.`,
      hint: wayOut,
    });
    expect(desk.exists('predictions.csv')).toBe(false);
  },
);

test.each(['model.json', 'weights.bin', 'preprocess.json', 'signature.json'])(
  'a byte of %s that flipped is found',
  async (file) => {
    const desk = await trained();
    const bytes = readFileSync(join(desk.root, model, file));
    bytes[10] = (bytes[10] ?? 0) ^ 1;
    desk.write(`${model}/${file}`, bytes);
    expect(await desk.failure('evaluate', { model })).toMatchObject({
      kind: 'invalid-data',
      message: `The model in models/penguins is damaged: ${file} is not what training.json says.`,
    });
  },
);

test.each([
  ['half of it', (text: string) => text.slice(0, text.length / 2), 'training.json is not JSON'],
  ['a list', () => '[]', 'training.json is not JSON'],
  ['nothing in it', () => '{ "version": 1 }', 'training.json names no files'],
  ['no version', () => '{}', 'training.json has no version'],
])('a training.json with %s is damaged', async (_, change, why) => {
  const desk = await trained();
  desk.write(`${model}/training.json`, change(desk.read(`${model}/training.json`)));
  expect(await desk.failure('evaluate', { model })).toMatchObject({
    kind: 'invalid-data',
    message: `The model in models/penguins is damaged: ${why}.`,
  });
});

test('settings that make no sense are damage too', async () => {
  const desk = await trained();
  const text = desk.read(`${model}/training.json`).replace('"stratified"', '"sorted"');
  desk.write(`${model}/training.json`, text);
  const { kind, message } = await desk.failure('evaluate', { model });
  expect(kind).toBe('invalid-data');
  expect(message).toContain('the settings in training.json are wrong: "type" cannot be "sorted"');
});

test('a model of a newer version says so', async () => {
  const desk = await trained();
  const text = desk.read(`${model}/training.json`).replace('"version": 1', '"version": 2');
  desk.write(`${model}/training.json`, text);
  expect(await desk.failure('evaluate', { model })).toEqual({
    kind: 'invalid-data',
    message: 'The model in models/penguins has format 2; this mlops reads up to 1.',
    hint: 'Update mlops: npm install -g mlops@latest',
  });
});
