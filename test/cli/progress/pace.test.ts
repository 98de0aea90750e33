import { expect, test } from 'vitest';
import { watchPace } from '../../../src/cli/progress/pace.ts';
import type { Event } from '../../../src/core/event.ts';

type Progress = Extract<Event, { type: 'progress' }>;

const push = (done: number, bytes: number): Progress => ({
  type: 'progress',
  phase: 'push',
  done,
  total: 100,
  bytes,
  totalBytes: 1_000,
});

test('in the first second it is too early to say', () => {
  const paceOf = watchPace();
  expect(paceOf(push(0, 0), 0)).toBeNull();
  expect(paceOf(push(5, 50), 999)).toBeNull();
});

test('what is left takes as long as the slower of files and bytes', () => {
  const paceOf = watchPace();
  paceOf(push(0, 0), 0);
  expect(paceOf(push(10, 200), 2_000)).toEqual({ bytes: 100, files: 5, left: 18_000 });
});

test('a network that slows down is noticed, after a quiet minute too', () => {
  const paceOf = watchPace();
  paceOf(push(0, 0), 0);
  paceOf(push(50, 500), 5_000);
  expect(paceOf(push(51, 510), 15_000)?.bytes).toBe(1);
  expect(paceOf(push(51, 510), 75_000)).toEqual({ bytes: 0, files: 0, left: null });
});

test('each phase starts anew', () => {
  const paceOf = watchPace();
  paceOf(push(0, 0), 0);
  paceOf(push(50, 500), 5_000);
  expect(paceOf({ ...push(1, 1), phase: 'checkout' }, 6_000)).toBeNull();
});

test('without a total nothing is promised', () => {
  const paceOf = watchPace();
  const hash: Progress = { type: 'progress', phase: 'hash', done: 0, total: null, bytes: 0, totalBytes: null };
  paceOf(hash, 0);
  expect(paceOf({ ...hash, done: 4, bytes: 400 }, 2_000)).toEqual({ bytes: 200, files: 2, left: null });
});
