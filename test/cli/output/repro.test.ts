import { expect, test } from 'vitest';
import { renderRepro, reproProblem } from '../../../src/cli/output/repro.ts';
import { plainStyle } from '../../../src/cli/output/style.ts';
import type { StageOutcome, StageResult } from '../../../src/core/run.ts';
import type { ReproResult } from '../../../src/features/pipeline/repro.ts';

const ended = (stage: string, outcome: StageOutcome, reasons: StageResult['reasons'] = []): StageResult => ({
  stage,
  outcome,
  reasons,
  milliseconds: 1,
  exitCode: null,
});
const result = (stages: readonly StageResult[], failures: ReproResult['failures'] = []): ReproResult => ({
  run: null,
  stages,
  failures,
  changedFiles: [],
});
const render = (stages: readonly StageResult[], isDryRun = false) =>
  renderRepro(result(stages), plainStyle(), { dryRun: isDryRun });

test('nothing to do is a line', () => {
  expect(render([])).toBe('There are no stages; describe them in .mlops.yaml.');
  expect(render([ended('a', 'up-to-date'), ended('b', 'frozen')])).toBe(
    'Nothing to run: 1 stage up to date, 1 frozen.',
  );
});

test('what was done is counted', () => {
  const stages = [ended('a', 'ran'), ended('b', 'ran'), ended('c', 'restored'), ended('d', 'up-to-date')];
  expect(render(stages)).toBe('2 stages ran, 1 restored from the run cache, 1 up to date.');
});

test('a dry run says what would run, and why', () => {
  const stages = [
    ended('a', 'up-to-date'),
    ended('b', 'would-run', [{ type: 'command-changed' }, { type: 'output-missing', path: 'b.bin' }]),
    ended('c', 'may-run', [{ type: 'upstream-ran', stage: 'b' }]),
    ended('d', 'would-restore'),
  ];
  expect(render(stages, true)).toBe(
    [
      'b would run (its command changed, output b.bin is missing)',
      'c may run (after stage b)',
      'd would be restored from the run cache',
    ].join('\n'),
  );
});

test('a dry run says where a run would stop; a run says what failed and what was not run then', () => {
  const stages = [ended('a', 'failed', [{ type: 'never-run' }]), ended('b', 'blocked'), ended('c', 'blocked')];
  expect(render(stages, true)).toBe('a would fail (never run)\nb would not be run\nc would not be run');
  expect(render(stages)).toBe('1 stage failed, 2 not run.');
});

test('a stage that was interrupted has not failed: its outputs are in place, and what to go on with is said', () => {
  for (const [kind, message] of [
    ['interrupted', 'Interrupted.'],
    ['terminated', 'Terminated.'],
  ] as const) {
    const failures = [{ stage: 'b', kind, message, hint: 'Nothing is half done.' }];
    const stages = [ended('a', 'ran'), ended('b', 'failed'), ended('c', 'blocked')];
    expect(renderRepro(result(stages, failures), plainStyle(), {})).toBe('1 stage ran, 1 interrupted, 1 not run.');
    expect(reproProblem(result(stages, failures))).toMatchObject({
      kind,
      message,
      hint: 'The previous outputs are in place; go on with: mlops repro',
    });
  }
});

test('the worst failure decides the exit code; the first hint is kept', () => {
  const missing = { stage: 'a', kind: 'data-missing', message: 'a lacks data.', hint: 'mlops pull' } as const;
  const failed = { stage: 'b', kind: 'stage-failed', message: 'b failed.', hint: null } as const;
  expect(reproProblem(result([]))).toBe(null);
  expect(reproProblem(result([], [missing, failed]))).toMatchObject({ kind: 'stage-failed', hint: 'mlops pull' });
  expect(reproProblem(result([], [missing]))).toMatchObject({ kind: 'data-missing', message: 'a lacks data.' });
});

test('explained, every stage has a line, also after a real run', () => {
  const stages: StageResult[] = [
    { stage: 'prepare', outcome: 'up-to-date', reasons: [], milliseconds: 1, exitCode: null },
    { stage: 'train', outcome: 'ran', reasons: [{ type: 'command-changed' }], milliseconds: 1, exitCode: 0 },
  ];
  const document = { run: 'r', stages, failures: [], changedFiles: [] };
  const [first, second, third] = renderRepro(document, plainStyle(), { explain: true }).split('\n');
  expect([first, third]).toEqual(['prepare up to date', '1 stage ran, 1 up to date.']);
  expect(second).toMatch(/^train ran \(.*command/);
});
