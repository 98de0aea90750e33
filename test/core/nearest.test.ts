import { expect, test } from 'vitest';
import { didYouMean, nearest } from '../../src/core/nearest.ts';

test.each([
  ['epoch', 'epochs'],
  ['eopchs', 'epochs'],
  ['EPOCHS', 'epochs'],
  ['seeds', 'seed'],
  ['botch_size', 'batch_size'],
])('"%s" is near to "%s"', (name, expected) => {
  expect(nearest(name, ['optimizer', 'epochs', 'batch_size', 'seed'])).toBe(expected);
});

test('what is far from everything has no nearest name', () => {
  expect(nearest('colour', ['epochs', 'seed'])).toBeUndefined();
  expect(nearest('xyz', [])).toBeUndefined();
});

test('of equally near names the first is meant', () => {
  expect(nearest('cat', ['bat', 'hat'])).toBe('bat');
});

test('the sentence ends with a question or a full stop', () => {
  expect(`No key "sed"${didYouMean('sed', ['seed'])}`).toBe('No key "sed"; did you mean "seed"?');
  expect(`No key "x"${didYouMean('x', ['seed'])}`).toBe('No key "x".');
});
