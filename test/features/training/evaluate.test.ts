import { expect, test } from 'vitest';
import { createDesk, penguins } from './jobs.ts';

async function trained() {
  const desk = await createDesk();
  desk.lay('penguins');
  await desk.run('train', penguins());
  return desk;
}

test('the test rows of the training are measured, and their confusion is written', async () => {
  const desk = await trained();
  expect(await desk.run('evaluate', { model: 'models/penguins' })).toMatchObject({ rows: 52, out: 'metrics.json' });
  expect(Object.keys(desk.json('metrics.json'))).toEqual(['accuracy', 'balanced_accuracy', 'f1', 'log_loss']);
  const [header, ...rows] = desk.read('plots/penguins/confusion.csv').trim().split('\n');
  expect(header).toBe('actual,predicted');
  expect(rows).toHaveLength(52);
  const right = rows.filter((row) => row.split(',')[0] === row.split(',')[1]).length;
  expect(desk.json('metrics.json')['accuracy']).toBeCloseTo(right / 52, 10);
});

test('the parts of the training and a file of new rows can be measured too', async () => {
  const desk = await trained();
  const rowsOf = async (data: string) =>
    desk.run('evaluate', { model: 'models/penguins', data, metrics: ['accuracy'], plots: false });
  expect(await rowsOf('train')).toMatchObject({ rows: 240 });
  expect(await rowsOf('validation')).toMatchObject({ rows: 52 });
  expect(await rowsOf('penguins.csv')).toMatchObject({ rows: 344 });
});

test('the same evaluation gives the same bytes', async () => {
  const desk = await trained();
  await desk.run('evaluate', { model: 'models/penguins' });
  await desk.run('evaluate', { model: 'models/penguins', out: 'again.json' });
  expect(desk.read('again.json')).toBe(desk.read('metrics.json'));
});

test('data that changed since the training is refused: it is unknown which rows were seen', async () => {
  const desk = await trained();
  desk.write('penguins.csv', desk.read('penguins.csv').replace('39.1', '39.2'));
  expect(await desk.failure('evaluate', { model: 'models/penguins' })).toEqual({
    kind: 'invalid-data',
    message:
      'penguins.csv has changed since models/penguins was trained, so it is unknown which rows the model has seen.',
    hint: 'Train it again: mlops repro; or name a file of new rows as data.',
  });
});

test('a part that the training did not have is refused', async () => {
  const desk = await createDesk();
  desk.lay('penguins');
  const data = { train: 'penguins.csv', split: { fractions: [0.8, 0.2, 0] } };
  await desk.run('train', penguins({ data }));
  expect(await desk.failure('evaluate', { model: 'models/penguins' })).toMatchObject({
    kind: 'invalid-data',
    message: 'models/penguins was trained without test rows.',
  });
});

test('a label that the training rows did not have is named at its place', async () => {
  const desk = await trained();
  const [header = '', first = ''] = desk.read('penguins.csv').split('\n');
  desk.write('new.csv', [header, first, first.replace('Adelie', 'Emperor'), ''].join('\n'));
  expect(await desk.failure('evaluate', { model: 'models/penguins', data: 'new.csv' })).toEqual({
    kind: 'invalid-data',
    message: 'new.csv, row 2 (line 3), column "species": the label "Emperor" does not occur in the training rows.',
    hint: 'The model knows Adelie, Chinstrap, Gentoo. Split with type: stratified, or train with this label.',
  });
});
