import { expect, test } from 'vitest';
import { projectPath, stagesOfTargets } from '../../../src/features/pipeline/targets.ts';
import { step } from '../../support/pipelines.ts';

const stages = [
  step('prepare', [], ['data/clean.csv']),
  step('score@a', [], ['out/a']),
  step('score@b', [], ['out/b']),
  step('train', [], ['models/churn']),
];
const root = { root: '/p', cwd: '/p' };
const find = (...targets: string[]) => stagesOfTargets(stages, targets, root);

test('no target means every stage', () => {
  expect(find()).toEqual(['prepare', 'score@a', 'score@b', 'train']);
});

test('a target is a stage, a group, a pattern, an output, or something in or around one', () => {
  expect(find('train')).toEqual(['train']);
  expect(find('score')).toEqual(['score@a', 'score@b']);
  expect(find('*@b', 'p*')).toEqual(['score@b', 'prepare']);
  expect(find('data/clean.csv')).toEqual(['prepare']);
  expect(find('models/churn/weights.bin')).toEqual(['train']);
  expect(find('out')).toEqual(['score@a', 'score@b']);
  expect(find('out/*')).toEqual(['score@a', 'score@b']);
});

test('paths start at the current folder', () => {
  expect(stagesOfTargets(stages, ['churn'], { root: '/p', cwd: '/p/models' })).toEqual(['train']);
  expect(projectPath('../data/clean.csv', { root: '/p', cwd: '/p/models' })).toBe('data/clean.csv');
  expect(projectPath('../x', root)).toBeNull();
});

test('an unknown target is told with the nearest known name', () => {
  expect(() => find('trian')).toThrow(
    expect.objectContaining({
      kind: 'usage',
      message: 'There is no stage or output called trian.',
      hint: 'Did you mean train?',
    }),
  );
  expect(() => find('something-else')).toThrow(expect.objectContaining({ hint: '`mlops stage list` shows them all.' }));
});
