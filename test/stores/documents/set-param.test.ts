import { expect, test } from 'vitest';
import { setParam } from '../../../src/stores/documents/set-param.ts';

const yaml = `# how we train
train:
  lr: 0.1   # small
  layers: [8, 8]
  name: 'mlp'
  size: 1
`;

test.each([
  ['train.lr', '0.01', 'lr: 0.01   # small'],
  ['train.layers', '[16]', 'layers: [16]'],
  ['train.layers[1]', '4', 'layers: [8, 4]'],
  ['train.name', 'cnn', 'name: cnn'],
  ['train.size', '"1"', 'size: "1"'],
  ['train.name', '', 'name: ""'],
])('%s = %s changes its own text and nothing else', (name, value, line) => {
  const changed = setParam(yaml, 'params.yaml', name, value);
  expect(changed).toContain(line);
  const rest = (text: string) => text.split('\n').filter((one) => !one.includes(`${name.split(/[.[]/)[1]}:`));
  expect(rest(changed)).toEqual(rest(yaml));
});

test('JSON stays JSON', () => {
  expect(setParam('{ "a": { "b": 1, "c": "x" } }', 'p.json', 'a.c', 'relu')).toBe('{ "a": { "b": 1, "c": "relu" } }');
  expect(setParam('{ "a": 1 }', 'p.json', 'a', '2.5')).toBe('{ "a": 2.5 }');
});

test('an unknown name is told with the nearest, and what cannot be changed in place is refused', () => {
  const refusal = (text: string, file: string, name: string, value: string) => {
    try {
      return setParam(text, file, name, value);
    } catch (error) {
      return error;
    }
  };
  expect(refusal(yaml, 'params.yaml', 'train.lrr', '1')).toMatchObject({
    kind: 'usage',
    message: expect.stringContaining('train.lr'),
  });
  expect(refusal(yaml, 'params.yaml', 'train', '{}')).toMatchObject({
    kind: 'usage',
    hint: 'Change it in params.yaml itself.',
  });
  expect(refusal(yaml, 'params.yaml', 'train.lr', '[')).toMatchObject({ kind: 'invalid-file' });
  expect(refusal('a = 1\n', 'p.toml', 'a', '2')).toMatchObject({ kind: 'usage' });
});
