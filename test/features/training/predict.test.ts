import { expect, test } from 'vitest';
import { createDesk, digits, penguins } from './jobs.ts';

const model = 'models/penguins';

async function trained(rows: string) {
  const desk = await createDesk({ 'rows.csv': rows });
  desk.lay('penguins');
  await desk.run('train', penguins());
  return desk;
}

test('raw rows go in, in any order of columns and without a label; classes and probabilities come out', async () => {
  const desk = await trained(
    'sex,body_mass,flipper_length,beak_depth,beak_length,island,note\n' +
      'MALE,3750,181,18.7,39.1,Torgersen,first\nFEMALE,5200,221,14.3,46.6,Biscoe,"second, and last"\n',
  );
  expect(await desk.run('predict', { model, data: 'rows.csv' })).toMatchObject({ rows: 2, out: 'predictions.csv' });
  const [header, ...lines] = desk.read('predictions.csv').trim().split('\n');
  expect(header).toBe('prediction,probability_Adelie,probability_Chinstrap,probability_Gentoo');
  expect(lines.map((line) => line.split(',')[0])).toEqual(['Adelie', 'Gentoo']);
  for (const line of lines) {
    const sum = line.split(',').slice(1).reduce((total, text) => total + Number(text), 0); // prettier-ignore
    expect(sum).toBeCloseTo(1, 4);
  }
});

test('missing values and categories that were never seen are fine', async () => {
  const desk = await trained(
    'island,beak_length,beak_depth,flipper_length,body_mass,sex\nAtlantis,,18.7,181,,\nTorgersen,39.1,18.7,181,3750,MALE\n',
  );
  await desk.run('predict', { model, data: 'rows.csv', out: 'out/p.jsonl' });
  const [first, second] = desk.read('out/p.jsonl').trim().split('\n').map((line) => JSON.parse(line) as object); // prettier-ignore
  expect(first).toEqual({
    prediction: 'Adelie',
    probabilities: { Adelie: expect.any(Number), Chinstrap: expect.any(Number), Gentoo: expect.any(Number) },
  });
  expect(second).toMatchObject({ prediction: 'Adelie' });
});

test('a column that the model needs and the file lacks is named, with the nearest one', async () => {
  const desk = await trained('island,beak_lenght,beak_depth,flipper_length,body_mass,sex\nBiscoe,1,2,3,4,MALE\n');
  expect(await desk.failure('predict', { model, data: 'rows.csv' })).toMatchObject({
    kind: 'invalid-data',
    message: 'rows.csv has no column "beak_length"; did you mean "beak_lenght"?',
  });
});

test('images are predicted from their pixels', async () => {
  const desk = await createDesk();
  desk.lay('digits');
  await desk.run('train', digits());
  await desk.run('predict', { model: 'models/digits', data: 'digits.csv' });
  const labels = (text: string) => text.trim().split('\n').slice(1).map((line) => line.split(',')[0]); // prettier-ignore
  const [actual, predicted] = [labels(desk.read('digits.csv')), labels(desk.read('predictions.csv'))];
  expect(predicted.filter((label, row) => label === actual[row]).length / actual.length).toBeGreaterThan(0.98);
});
