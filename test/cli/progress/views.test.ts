import { expect, test, vi } from 'vitest';
import { lookOf } from '../../../src/cli/global-options.ts';
import { createTerminal } from '../../../src/cli/output/terminal.ts';
import { createView } from '../../../src/cli/progress/index.ts';
import type { World } from '../../../src/cli/command.ts';
import type { Event } from '../../../src/core/event.ts';

/** A world whose clock stands still until it is moved. */
function createWorld(argv: readonly string[], parts: Partial<World> = {}) {
  const clock = { seconds: 0 };
  let err = '';
  const world: World = {
    argv,
    cwd: '/',
    env: {},
    out: () => undefined,
    err: (text) => (err += text),
    outIsTerminal: false,
    errIsTerminal: false,
    columns: 80,
    now: () => new Date(clock.seconds * 1_000),
    signal: new AbortController().signal,
    ...parts,
  };
  return { world, clock, err: () => err };
}

async function viewOf(world: World) {
  const look = lookOf(world);
  return createView(world, look, await createTerminal(world, look));
}

const epoch = (at: number): Event => ({ type: 'epoch', stage: 'train', epoch: at, epochs: 3, metrics: { loss: 0.5 } });
const progress: Event = { type: 'progress', phase: 'push', done: 1, total: 9, bytes: 1024, totalBytes: 9216 };
const story: readonly Event[] = [
  { type: 'stage-started', stage: 'train', reasons: [{ type: 'never-run' }] },
  { type: 'stage-output', stage: 'train', stream: 'stdout', text: 'hello' },
  epoch(1),
  epoch(3),
  { type: 'stage-finished', stage: 'train', outcome: 'ran', milliseconds: 1_500 },
  { type: 'stage-finished', stage: 'clean', outcome: 'up-to-date', milliseconds: 1 },
  { type: 'warning', message: 'Odd.', hint: 'Look.' },
  { type: 'waiting', for: 'the lockfile', owner: 'process 7' },
];

test('a log gets lines, of epochs the last', async () => {
  const { world, err } = createWorld([]);
  const { report } = await viewOf(world);
  story.forEach(report);
  expect(err()).toBe(`Running stage train (never run)
train: hello
train: epoch 3/3, loss 0.5
Ran stage train in 1.5 s
warning: Odd.
hint: Look.
Waiting for the lockfile, which process 7 holds …
`);
});

test('a log hears of long work now and then', async () => {
  const { world, clock, err } = createWorld([]);
  const { report } = await viewOf(world);
  report(progress);
  expect(err()).toBe('');
  clock.seconds = 11;
  report({ ...progress, done: 3, bytes: 3072 });
  report(progress);
  expect(err()).toBe('Pushing 3/9 (3.0 KiB/9.0 KiB), 186 B/s, 33 s left\n');
});

test('a program gets each event as a line of JSON', async () => {
  const { world, err } = createWorld(['--json']);
  const { report } = await viewOf(world);
  story.forEach(report);
  expect(
    err()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual(story);
});

test('--quiet leaves warnings, and what is waited for', async () => {
  const { world, err } = createWorld(['-q']);
  const { report } = await viewOf(world);
  story.forEach(report);
  expect(err()).toBe('warning: Odd.\nhint: Look.\nWaiting for the lockfile, which process 7 holds …\n');
});

test('a terminal sees nothing of short work, and lasting lines at once', async () => {
  const { world, err } = createWorld([], { errIsTerminal: true, env: { NO_COLOR: '1' } });
  const view = await viewOf(world);
  view.report(progress);
  expect(err()).toBe('');
  story.forEach(view.report);
  view.close();
  expect(err()).toContain('Running stage train (never run)\ntrain: hello\n');
});

test('a terminal sees long work on a line that goes away', async () => {
  const { world, clock, err } = createWorld(['--color', 'never'], { errIsTerminal: true });
  const view = await viewOf(world);
  clock.seconds = 1;
  view.report(progress);
  await vi.waitFor(() => expect(err()).toContain('Pushing 1/9 (1.0 KiB/9.0 KiB)'));
  view.report({ type: 'warning', message: 'Odd.', hint: null });
  view.close();
  expect(err()).toContain('warning: Odd.\n');
  expect(err().lastIndexOf('Pushing')).toBeLessThan(err().indexOf('warning:'));
  // The cursor is back, and there was no colour.
  expect(err().endsWith('\u001b[?25h') || err().endsWith('warning: Odd.\n')).toBe(true);
  expect(err()).not.toContain('\u001b[3');
});

test('whoever listens hears every event', async () => {
  const heard: Event[] = [];
  const { world } = createWorld(['-q'], { listen: (event) => heard.push(event) });
  const { report } = await viewOf(world);
  story.forEach(report);
  expect(heard).toEqual(story);
});

test('a terminal sees which stages run, as long as they do', async () => {
  const { world, clock, err } = createWorld(['--color', 'never'], { errIsTerminal: true });
  const view = await viewOf(world);
  clock.seconds = 1;
  for (const stage of ['prepare', 'train']) view.report({ type: 'stage-started', stage, reasons: [] });
  await vi.waitFor(() => expect(err()).toContain('Running prepare'));
  clock.seconds = 2;
  view.report({ type: 'stage-output', stage: 'train', stream: 'stdout', text: 'hello' });
  expect(err()).toContain('Running prepare 1 s, train 1 s');
  view.report({ type: 'stage-finished', stage: 'prepare', outcome: 'ran', milliseconds: 5 });
  view.close();
  expect(err().slice(err().lastIndexOf('Ran stage prepare'))).toMatch(/Running train/);
});

test('a stage that ends after a stop was interrupted, for a person and in a log', async () => {
  for (const errIsTerminal of [true, false]) {
    const { world, err } = createWorld(['--color', 'never'], { errIsTerminal, signal: AbortSignal.abort() });
    const { report } = await viewOf(world);
    report({ type: 'stage-finished', stage: 'train', outcome: 'failed', milliseconds: 1_500 });
    expect(err()).toContain('Interrupted: stage train after 1.5 s');
  }
});
