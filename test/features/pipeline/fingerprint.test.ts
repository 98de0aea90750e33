import { expect, test } from 'vitest';
import type { LockedFile } from '../../../src/core/lockfile.ts';
import type { Snapshot } from '../../../src/features/pipeline/decision/decide.ts';
import { definitionDigest, fingerprintOf, isCacheable } from '../../../src/features/pipeline/decision/fingerprint.ts';

const file = (name: string): LockedFile => ({
  kind: 'file',
  digest: `blake3:${name.padEnd(64, '0')}`,
  size: 1,
  executable: false,
});
const output = { role: 'outs', cache: true, persist: false, content: null } as const;
const now: Snapshot = {
  cmd: ['a', 'b'],
  shell: null,
  wdir: '.',
  settings: null,
  alwaysChanged: false,
  deps: { 'data.csv': file('a') },
  params: { 'params.yaml': { lr: 1n } },
  env: { SEED: null },
  outputs: { model: output },
};

test.each<[string, Partial<Snapshot>]>([
  ['scripts', { cmd: ['a\nb'] }],
  ['the shell', { shell: 'bash' }],
  ['the working directory', { wdir: 'src' }],
  ['settings', { settings: { train: {} } }],
  ['the content of a dependency', { deps: { 'data.csv': file('b') } }],
  ['its executable bit', { deps: { 'data.csv': { ...file('a'), executable: true } } }],
  ['its kind', { deps: { 'data.csv': { kind: 'tree', digest: file('a').digest, size: 1, files: 1 } } }],
  ['its name', { deps: { 'other.csv': file('a') } }],
  ['a param', { params: { 'params.yaml': { lr: 2n } } }],
  ['the type of a param: a float', { params: { 'params.yaml': { lr: 1 } } }],
  ['the type of a param: a text', { params: { 'params.yaml': { lr: '1' } } }],
  ['the file of a param', { params: { 'other.yaml': { lr: 1n } } }],
  ['an environment variable that is empty, not unset', { env: { SEED: '' } }],
  ['the name of an output', { outputs: { other: output } }],
  ['the role of an output', { outputs: { model: { ...output, role: 'plots' } } }],
  ['where an output is kept', { outputs: { model: { ...output, cache: false } } }],
  ['whether an output persists', { outputs: { model: { ...output, persist: true } } }],
])('%s is part of it', (_, change) => {
  expect(fingerprintOf({ ...now, ...change })).not.toBe(fingerprintOf(now));
});

test('what outputs are now and the size of a dependency are no part of it', () => {
  const same = {
    deps: { 'data.csv': { ...file('a'), size: 2 } },
    outputs: { model: { ...output, content: file('m') } },
  };
  expect(fingerprintOf({ ...now, ...same })).toBe(fingerprintOf(now));
});

const fingerprintWith = (params: Record<string, bigint>) =>
  fingerprintOf({ ...now, params: { 'params.yaml': params } });

test('params called size, path, hash and file are ordinary params', () => {
  for (const name of ['size', 'path', 'hash', 'file', 'digest'])
    expect(fingerprintWith({ [name]: 1n })).not.toBe(fingerprintWith({ [name]: 2n }));
});

test('the order in which things are written is no part of it', () => {
  const deps = { a: file('a'), b: file('b') };
  expect(fingerprintOf({ ...now, deps })).toBe(fingerprintOf({ ...now, deps: { b: deps.b, a: deps.a } }));
});

test('there is none while a dependency is missing, but the definition is known', () => {
  const waiting = { ...now, deps: { 'data.csv': null } };
  expect(fingerprintOf(waiting)).toBeUndefined();
  expect(definitionDigest(waiting)).toBe(definitionDigest(now));
});

test.each<[string, Partial<Snapshot>, boolean]>([
  ['an ordinary stage', {}, true],
  ['metrics that are kept in Git', { outputs: { 'm.json': { ...output, role: 'metrics', cache: false } } }, true],
  ['a stage that always runs', { alwaysChanged: true }, false],
  ['an output that persists', { outputs: { model: { ...output, persist: true } } }, false],
  ['an output kept out of the cache', { outputs: { model: { ...output, cache: false } } }, false],
  ['a stage without inputs', { deps: {}, params: {}, env: {} }, false],
  ['a stage without outputs', { outputs: {} }, false],
])('%s: is a run of it kept for later?', (_, change, kept) => {
  expect(isCacheable({ ...now, ...change })).toBe(kept);
});
