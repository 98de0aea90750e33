import { expect, test } from 'vitest';
import type { Gate } from '../../../src/core/pipeline.ts';
import { evaluateGates } from '../../../src/features/metrics/gate.ts';

const gate = (limits: Partial<Gate>): Gate => ({
  metric: 'm.json:a',
  goal: 'higher',
  min: null,
  max: null,
  maxDrop: null,
  maxIncrease: null,
  ...limits,
});

function check(limits: Partial<Gate>, before: number | undefined, after: number | undefined) {
  return evaluateGates([gate(limits)], () => ({ before, after })).map(({ ok }) => ok);
}

test('a value is held to its least and its most', () => {
  expect(check({ min: 0.9 }, undefined, 0.9)).toEqual([true]);
  expect(check({ min: 0.9 }, undefined, 0.89)).toEqual([false]);
  expect(check({ max: 3 }, undefined, 3)).toEqual([true]);
  expect(check({ max: 3 }, undefined, 3.1)).toEqual([false]);
});

test('a value may fall or rise by an amount or by a part of what it was', () => {
  expect(check({ maxDrop: 0.01 }, 0.91, 0.9)).toEqual([true]);
  expect(check({ maxDrop: 0.01 }, 0.92, 0.9)).toEqual([false]);
  expect(check({ maxDrop: 0 }, 0.9, 0.95)).toEqual([true]);
  expect(check({ maxIncrease: '5%' }, 100, 105)).toEqual([true]);
  expect(check({ maxIncrease: '5%' }, 100, 105.1)).toEqual([false]);
  expect(check({ maxIncrease: '5%' }, -100, -95)).toEqual([true]);
  expect(check({ maxIncrease: '5%' }, 0, 1)).toEqual([false]);
});

test('without a value before, only what needs one is open', () => {
  expect(check({ min: 0.9, maxDrop: 0.01 }, undefined, 0.95)).toEqual([true, null]);
  expect(check({ min: 0.9, maxDrop: 0.01 }, Number.NaN, 0.5)).toEqual([false, null]);
});

test('a metric that is missing or not finite fails', () => {
  for (const after of [undefined, Number.NaN, Infinity])
    expect(check({ min: 0, maxDrop: 1 }, 1, after)).toEqual([false]);
});

test('each limit is told in words', () => {
  const results = evaluateGates([gate({ min: 0.9, maxDrop: '5%' })], () => ({ before: 1, after: 0.123456789 }));
  expect(results).toEqual([
    { metric: 'm.json:a', ok: false, message: 'is 0.123457, and has to be at least 0.9' },
    { metric: 'm.json:a', ok: false, message: 'went from 1 to 0.123457, and may fall by 5% at most' },
  ]);
});
