import { expect, test } from 'vitest';
import { renderStatus } from '../../../src/cli/output/status.ts';
import { plainStyle, styleIn } from '../../../src/cli/output/style.ts';
import type { StatusResult } from '../../../src/features/pipeline/status.ts';

const nothing: StatusResult = { clean: true, data: [], stages: [], remote: null, untracked: null };

test('an empty project says how to begin', () => {
  expect(renderStatus(nothing, plainStyle())).toContain('mlops add <path>');
});

test('a clean project says so in a line', () => {
  const data = [{ path: 'raw.csv', kind: 'file', state: 'unchanged', cached: true } as const];
  const stages = [{ stage: 'train', state: 'up-to-date', reasons: [] } as const];
  expect(renderStatus({ ...nothing, data, stages }, plainStyle())).toBe(
    'Clean: 1 tracked path unchanged, 1 stage up to date.',
  );
});

test('what changed comes with what to do about it, and every reason in words', () => {
  const status: StatusResult = {
    clean: false,
    data: [
      { path: 'data/raw.csv', kind: 'file', state: 'modified', cached: true },
      { path: 'data/images', kind: 'tree', state: 'absent', cached: false },
      { path: 'data/same', kind: 'tree', state: 'unchanged', cached: true },
    ],
    stages: [
      { stage: 'prepare', state: 'up-to-date', reasons: [] },
      {
        stage: 'train',
        state: 'stale',
        reasons: [
          { type: 'param-changed', file: 'params.yaml', name: 'train.lr' },
          { type: 'dependency-changed', path: 'data/raw.csv' },
        ],
      },
      { stage: 'evaluate', state: 'may-be-stale', reasons: [{ type: 'upstream-ran', stage: 'train' }] },
    ],
    remote: { name: 'origin', missing: [{ path: 'data/raw.csv', digest: 'blake3:00', size: 2048 }] },
    untracked: ['data/note.txt'],
  };
  expect(renderStatus(status, styleIn(plainStyle(), '/project', '/project/data'))).toBe(
    `Data that is not what the lockfile says:
  (mlops commit <path> keeps it as it is now, mlops checkout <path> brings back what was)
  (mlops pull brings what is absent)
  modified:  raw.csv
  absent:    images  (not in the cache: mlops fetch)

Stages to run (1 more up to date):
  (mlops repro runs them)
  train     param train.lr changed in params.yaml
            dependency data/raw.csv changed
  evaluate  after stage train

Not on remote origin: 1 object, 2.0 KiB
  (mlops push brings it there)
  missing:   raw.csv

Tracked by nobody:
  (mlops add <path> tracks data, git add <path> code)
  note.txt`,
  );
});
