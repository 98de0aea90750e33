import { expect, test } from 'vitest';
import { MlopsError } from '../../../src/core/errors.ts';
import { buildGraph, orderStages } from '../../../src/features/pipeline/definition/graph.ts';
import { outputOf, stageOf, step } from '../../support/pipelines.ts';

const prepare = step('prepare', ['data/raw.csv'], ['data/clean']);
const train = step('train', ['data/clean/train.csv'], ['models/churn']);
const evaluate = step('evaluate', ['models', 'data/clean'], ['report.html']);
const stages = [evaluate, train, prepare];
const all = { single: false, downstream: false };

test('a dependency that is, contains or lies in an output is an edge', () => {
  const { upstream, downstream } = buildGraph({ stages });
  expect(upstream.get('train')).toEqual(['prepare']);
  expect(upstream.get('evaluate')).toEqual(['train', 'prepare']);
  expect(downstream.get('prepare')).toEqual(['evaluate', 'train']);
});

test('a name that only begins like an output is no edge', () => {
  const { upstream } = buildGraph({ stages: [prepare, step('other', ['data/clean.csv', 'data/cleaner'], ['x'])] });
  expect(upstream.get('other')).toEqual([]);
});

const reader = (pattern: string) => step('reader', [pattern], ['x']);

test('a pattern reads the outputs that it may match', () => {
  const parts = step('parts', [], ['out/parts']);
  const edges = (pattern: string) => buildGraph({ stages: [parts, reader(pattern)] }).upstream.get('reader');
  expect(edges('out/**/*.csv')).toEqual(['parts']);
  expect(edges('out/parts/*.csv')).toEqual(['parts']);
  expect(edges('*/parts')).toEqual(['parts']);
  expect(edges('src/**/*.csv')).toEqual([]);
  expect(edges('out/p?')).toEqual([]);
});

test('a params file that a stage writes is an edge', () => {
  const tune = step('tune', [], ['best.yaml']);
  const fit = stageOf('fit', { params: [{ file: 'best.yaml', names: ['lr'] }], outputs: [outputOf('m')] });
  expect(buildGraph({ stages: [fit, tune] }).upstream.get('fit')).toEqual(['tune']);
});

test('stages come after what they read, and otherwise in the order of the file', () => {
  const graph = buildGraph({ stages: [...stages, step('lonely', [], ['y'])] });
  const order = (names: string[], selection = all) => orderStages(graph, names, selection).map(({ name }) => name);
  expect(order(['evaluate', 'train', 'prepare', 'lonely'])).toEqual(['prepare', 'train', 'evaluate', 'lonely']);
  expect(order(['train'])).toEqual(['prepare', 'train']);
  expect(order(['evaluate', 'train'], { single: true, downstream: false })).toEqual(['train', 'evaluate']);
  expect(order(['train'], { single: false, downstream: true })).toEqual(['train', 'evaluate']);
});

test('a cycle is refused with its path, in the direction of the data', () => {
  const cyclic = [step('a', ['c.out'], ['a.out']), step('b', ['a.out'], ['b.out']), step('c', ['b.out'], ['c.out'])];
  const error = failure(() => buildGraph({ stages: [step('start', [], ['s']), ...cyclic] }));
  expect(error.kind).toBe('invalid-file');
  expect(error.problems.map(({ message }) => message)).toEqual(['these stages wait for each other: a → b → c → a']);
});

test('a chain of twenty thousand stages is ordered without running out of stack', () => {
  const chain = Array.from({ length: 20_000 }, (_, at) => step(`s${at}`, at === 0 ? [] : [`o${at - 1}`], [`o${at}`]));
  const graph = buildGraph({ stages: chain.toReversed() });
  expect(orderStages(graph, ['s19999'], all)).toHaveLength(20_000);
});

function failure(work: () => unknown): MlopsError {
  try {
    work();
  } catch (error) {
    if (error instanceof MlopsError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
