import { expect, test } from 'vitest';
import type { Digest } from '../../../src/core/digest.ts';
import type { LockedFile, LockedStage } from '../../../src/core/lockfile.ts';
import { type Snapshot, staleReasons } from '../../../src/features/pipeline/decision/decide.ts';

const file = (name: string): LockedFile => ({ kind: 'file', digest: digest(name), size: 1, executable: false });
const output = { role: 'outs', cache: true, persist: false } as const;

const locked: LockedStage = {
  cmd: ['node train.js'],
  shell: null,
  wdir: '.',
  settings: null,
  deps: { 'data.csv': file('a') },
  params: { 'params.yaml': { train: { lr: 0.1, layers: [8n] }, size: 1n } },
  env: { SEED: null },
  outputs: { model: { ...file('m'), ...output } },
};
const now: Snapshot = {
  ...locked,
  alwaysChanged: false,
  outputs: { model: { ...output, content: file('m') } },
};

test('a stage that is as it was is up to date', () => {
  expect(staleReasons(now, locked)).toEqual([]);
});

test('a stage that is not in the lockfile never ran', () => {
  expect(staleReasons(now, undefined)).toEqual([{ type: 'never-run' }]);
});

test.each<[string, Partial<Snapshot>, object[]]>([
  ['another script', { cmd: ['node other.js'] }, [{ type: 'command-changed' }]],
  ['the same text as a list of scripts', { cmd: ['node', 'train.js'] }, [{ type: 'command-changed' }]],
  ['another shell', { shell: 'bash -e' }, [{ type: 'command-changed' }]],
  ['a built-in stage instead', { cmd: null, settings: { train: {} } }, [{ type: 'command-changed' }]],
  ['another working directory', { wdir: 'src' }, [{ type: 'working-directory-changed' }]],
  ['an output that is kept elsewhere', outputs({ cache: false }), [{ type: 'settings-changed', name: 'model: cache' }]],
  ['an output of another role', outputs({ role: 'plots' }), [{ type: 'settings-changed', name: 'model: role' }]],
  ['an output that persists', outputs({ persist: true }), [{ type: 'settings-changed', name: 'model: persist' }]],
  [
    'a dependency with other bytes',
    { deps: { 'data.csv': file('b') } },
    [{ type: 'dependency-changed', path: 'data.csv' }],
  ],
  [
    'a dependency made executable',
    { deps: { 'data.csv': { ...file('a'), executable: true } } },
    [{ type: 'dependency-changed', path: 'data.csv' }],
  ],
  ['a dependency that is gone', { deps: { 'data.csv': null } }, [{ type: 'dependency-missing', path: 'data.csv' }]],
  [
    'a new dependency',
    { deps: { ...now.deps, 'more.csv': file('c') } },
    [{ type: 'dependency-added', path: 'more.csv' }],
  ],
  ['a dependency taken out', { deps: {} }, [{ type: 'dependency-removed', path: 'data.csv' }]],
  [
    'a param with another value',
    params({ train: { lr: 0.2, layers: [8n] }, size: 1n }),
    [{ type: 'param-changed', file: 'params.yaml', name: 'train.lr' }],
  ],
  [
    'a param of another type',
    params({ train: { lr: 0.1, layers: [8n] }, size: '1' }),
    [{ type: 'param-changed', file: 'params.yaml', name: 'size' }],
  ],
  [
    'an integer that became a float',
    params({ train: { lr: 0.1, layers: [8n] }, size: 1 }),
    [{ type: 'param-changed', file: 'params.yaml', name: 'size' }],
  ],
  [
    'a new param',
    params({ ...now.params['params.yaml'], path: 'x' }),
    [{ type: 'param-added', file: 'params.yaml', name: 'path' }],
  ],
  [
    'a param taken out',
    params({ train: { lr: 0.1, layers: [8n] } }),
    [{ type: 'param-removed', file: 'params.yaml', name: 'size' }],
  ],
  ['an environment variable that is empty, not unset', { env: { SEED: '' } }, [{ type: 'env-changed', name: 'SEED' }]],
  ['an environment variable taken out', { env: {} }, [{ type: 'env-changed', name: 'SEED' }]],
  ['an output with other bytes', outputs({ content: file('x') }), [{ type: 'output-changed', path: 'model' }]],
  ['an output that is gone', outputs({ content: null }), [{ type: 'output-missing', path: 'model' }]],
  ['an output taken out', { outputs: {} }, [{ type: 'output-removed', path: 'model' }]],
  [
    'a new output',
    { outputs: { ...now.outputs, 'm.json': { ...output, content: null } } },
    [{ type: 'output-added', path: 'm.json' }],
  ],
  ['a stage that always runs', { alwaysChanged: true }, [{ type: 'always-changed' }]],
])('%s is a reason of its own', (_, change, reasons) => {
  expect(staleReasons({ ...now, ...change }, locked)).toEqual(reasons);
});

test('every reason is told, not just the first', () => {
  const changed = { ...now, deps: { 'data.csv': file('b') }, env: {}, wdir: 'src' };
  expect(staleReasons(changed, locked).map(({ type }) => type)).toEqual([
    'working-directory-changed',
    'dependency-changed',
    'env-changed',
  ]);
});

const whole = (value: object): Record<string, never> => ({ 'p.yaml': { '*': value } }) as never;

test('a change in a whole params file is told by the names inside', () => {
  const reasons = staleReasons(
    { ...now, params: whole({ a: { b: 1n, c: 2n }, hash: 1n }) },
    { ...locked, params: whole({ a: { b: 2n }, hash: 1n }) },
  );
  expect(reasons).toEqual([
    { type: 'param-changed', file: 'p.yaml', name: 'a.b' },
    { type: 'param-added', file: 'p.yaml', name: 'a.c' },
  ]);
});

const settings = (epochs: bigint) => ({ train: { fit: { epochs, lr: 0.1 }, seed: 1n } });

test('the settings of a built-in stage are compared one by one', () => {
  const built = { cmd: null, settings: settings(3n) };
  expect(staleReasons({ ...now, ...built }, { ...locked, cmd: null, settings: settings(2n) })).toEqual([
    { type: 'settings-changed', name: 'fit.epochs' },
  ]);
});

test('names that every object has are ordinary names', () => {
  expect(staleReasons({ ...now, deps: { ...now.deps, constructor: file('c') } }, locked)).toEqual([
    { type: 'dependency-added', path: 'constructor' },
  ]);
});

function params(values: NonNullable<Snapshot['params'][string]>): Partial<Snapshot> {
  return { params: { 'params.yaml': values } };
}

function outputs(change: Partial<Snapshot['outputs'][string]>): Partial<Snapshot> {
  return { outputs: { model: { ...output, content: file('m'), ...change } } };
}

function digest(name: string): Digest {
  return `blake3:${name.padEnd(64, '0')}`;
}
