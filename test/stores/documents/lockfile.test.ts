import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { MlopsError } from '../../../src/core/errors.ts';
import { EMPTY_LOCKFILE, type LockedPath, type LockedStage, type Lockfile } from '../../../src/core/lockfile.ts';
import type { Value, ValueMap } from '../../../src/core/value.ts';
import { encodeLockfile, parseLockfile } from '../../../src/stores/documents/lockfile.ts';

const digest = (letter: string) => `blake3:${letter.repeat(64)}` as const;

const stage: LockedStage = {
  cmd: ['node src/prepare.js --folds 3'],
  shell: null,
  wdir: '.',
  deps: { 'src/prepare.js': { kind: 'file', digest: digest('b'), size: 800, executable: false } },
  params: { 'params.yaml': { 'prepare.seed': 7n } },
  env: { PYTHONHASHSEED: '0', UNSET: null },
  outputs: {
    'data/clean.csv': {
      kind: 'file',
      digest: digest('c'),
      size: 39000,
      executable: false,
      role: 'outs',
      cache: true,
      persist: false,
    },
    'metrics.json': {
      kind: 'file',
      digest: digest('d'),
      size: 120,
      executable: false,
      role: 'metrics',
      cache: false,
      persist: false,
    },
  },
  settings: null,
};

const lockfile: Lockfile = {
  data: {
    'data/raw.csv': { kind: 'file', digest: digest('a'), size: 41234, executable: false },
    'bin/tool': { kind: 'file', digest: digest('7'), size: 9000, executable: true },
    'data/images': { kind: 'tree', digest: digest('0'), size: 866000000, files: 25002 },
    'ext/base': {
      kind: 'tree',
      digest: digest('1'),
      size: 1,
      files: 1,
      from: { repo: 'https://example.com', rev: 'main' },
    },
  },
  stages: { prepare: stage },
};

const text = `version: 1
data:
  bin/tool: { file: "${digest('7')}", size: 9000, executable: true }
  data/images: { tree: "${digest('0')}", size: 866000000, files: 25002 }
  data/raw.csv: { file: "${digest('a')}", size: 41234 }
  ext/base: { tree: "${digest('1')}", size: 1, files: 1, from: { repo: "https://example.com", rev: "main" } }
stages:
  prepare:
    cmd: node src/prepare.js --folds 3
    deps:
      src/prepare.js: { file: "${digest('b')}", size: 800 }
    params:
      params.yaml: { prepare.seed: 7 }
    env: { PYTHONHASHSEED: "0", UNSET: null }
    outs:
      data/clean.csv: { file: "${digest('c')}", size: 39000 }
    metrics:
      metrics.json: { file: "${digest('d')}", size: 120 }
`;

/** The first mistake as `line:column message | hint`. */
function problemOf(damaged: string): string {
  try {
    parseLockfile(damaged);
  } catch (error) {
    if (!(error instanceof MlopsError) || error.kind !== 'invalid-file') throw error;
    const [problem] = error.problems;
    return `${problem?.line}:${problem?.column} ${problem?.message} | ${error.hint?.slice(0, 24)}`;
  }
  throw new Error('It was accepted.');
}

describe('the one text of a lockfile', () => {
  test('has a line for each path, and keys in order', () => {
    expect(encodeLockfile(lockfile)).toBe(text);
    expect(parseLockfile(text)).toEqual(lockfile);
  });

  test('of a new project holds the version alone', () => {
    expect(encodeLockfile(EMPTY_LOCKFILE)).toBe('version: 1\n');
    expect(parseLockfile('version: 1\n')).toEqual(EMPTY_LOCKFILE);
  });

  test('names what is not the default: shell, folder, several scripts, flags of outputs, settings of a built-in stage', () => {
    const unusual: LockedStage = {
      ...stage,
      cmd: ['echo "a: b"', 'yes', 'node a.js'],
      shell: 'bash -eu',
      wdir: 'sub/dir',
      deps: {},
      params: { 'other.yaml': { '*': { a: [1n, 1.5, 'x'], b: {} } } },
      env: {},
      outputs: {
        'big.bin': { kind: 'tree', digest: digest('e'), size: 0, files: 0, role: 'outs', cache: false, persist: true },
        'curve.csv': {
          kind: 'file',
          digest: digest('f'),
          size: 5,
          executable: false,
          role: 'plots',
          cache: true,
          persist: false,
        },
      },
      settings: { train: { backend: 'wasm', fit: { epochs: 60n, lr: 0.1 }, hidden: [16n] } },
    };
    const written = encodeLockfile({ data: {}, stages: { odd: unusual } });
    expect(written).toBe(`version: 1
stages:
  odd:
    cmd:
      - "echo \\"a: b\\""
      - "yes"
      - node a.js
    shell: bash -eu
    wdir: sub/dir
    params:
      other.yaml: { "*": { a: [1, 1.5, "x"], b: {} } }
    outs:
      big.bin: { tree: "${digest('e')}", size: 0, files: 0 }
    plots:
      curve.csv: { file: "${digest('f')}", size: 5 }
    settings:
      outputs:
        big.bin: { cache: false, persist: true }
        curve.csv: { cache: true }
      train:
        backend: "wasm"
        fit: { epochs: 60, lr: 0.1 }
        hidden: [16]
`);
    expect(parseLockfile(written)).toEqual({ data: {}, stages: { odd: unusual } });
  });

  test('keeps 1, 1.0 and "1" apart, and all digits of a long integer', () => {
    const params = {
      'p.yaml': { a: 1n, b: 1, c: '1', d: 123456789012345678901234567890n, e: Number.NaN, f: -Infinity, g: 1e300 },
    };
    const typed = { data: {}, stages: { s: { ...stage, params } } };
    expect(encodeLockfile(typed)).toContain(
      '{ a: 1, b: 1.0, c: "1", d: 123456789012345678901234567890, e: .nan, f: -.inf, g: 1e+300 }',
    );
    expect(parseLockfile(encodeLockfile(typed))).toEqual(typed);
  });

  test('leaves the lines of all other stages alone when one changes', () => {
    const many = (size: number) => ({
      data: {},
      stages: {
        a: stage,
        b: { ...stage, deps: { x: { kind: 'file', digest: digest('0'), size, executable: false } } },
        c: stage,
      } as const,
    });
    const [before, after] = [encodeLockfile(many(1)).split('\n'), encodeLockfile(many(2)).split('\n')];
    expect(after.filter((line, at) => line !== before[at])).toEqual([`      x: { file: "${digest('0')}", size: 2 }`]);
  });

  test('is read with CRLF as well, as Git on Windows writes it', () => {
    expect(parseLockfile(text.replaceAll('\n', '\r\n'))).toEqual(lockfile);
  });

  test('survives a round trip whatever the names and values are, and says the same to any YAML reader', () => {
    fc.assert(
      fc.property(anyLockfile, (any) => {
        const written = encodeLockfile(any);
        expect(parseLockfile(written)).toEqual(any);
        expect(encodeLockfile(parseLockfile(written))).toBe(written);
        const elsewhere: { stages?: Record<string, { cmd?: unknown }>; data?: object } = parse(written, {
          intAsBigInt: true,
        });
        expect(Object.keys(elsewhere.data ?? {}).toSorted()).toEqual(Object.keys(any.data).toSorted());
        for (const [name, { cmd }] of Object.entries(any.stages)) {
          expect(elsewhere.stages?.[name]?.cmd).toEqual(cmd?.length === 1 ? cmd[0] : (cmd ?? undefined));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('of 1,000 stages is written and read in a fraction of a second', () => {
    const stages = Object.fromEntries(
      Array.from({ length: 1000 }, (_, at) => {
        const outputs = Object.entries(stage.outputs).map(([path, output]) => [`${at}/${path}`, output]);
        return [`stage-${at}`, { ...stage, outputs: Object.fromEntries(outputs) }];
      }),
    );
    const start = performance.now();
    const written = encodeLockfile({ data: {}, stages });
    expect(Object.keys(parseLockfile(written).stages)).toHaveLength(1000);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe('a damaged lockfile is refused with line, column and a way out', () => {
  test('a torn end', () => {
    expect(problemOf(text.slice(0, -30))).toMatchInlineSnapshot(
      `"18:7 The file ends in the middle of a line. | Take the last committed "`,
    );
    expect(problemOf('')).toMatchInlineSnapshot(`"1:1 The line "version: 1" is missing. | Take the last committed "`);
  });

  test('marks of a merge conflict', () => {
    expect(problemOf(text.replace('stages:', '<<<<<<< HEAD\nstages:'))).toMatchInlineSnapshot(
      `"7:1 Git left the marks of a merge conflict here. | mlops merge"`,
    );
  });

  test('a comment, a tab, an empty line, a wrong indent', () => {
    expect(problemOf(text.replace('stages:', '# mine\nstages:'))).toMatchInlineSnapshot(
      `"7:1 There is a comment here, and the lockfile holds none. | Take the last committed "`,
    );
    expect(problemOf(text.replace('    cmd', '\tcmd'))).toMatchInlineSnapshot(
      `"8:3 "prepare" has nothing below it. | Take the last committed "`,
    );
    expect(problemOf(text.replace('stages:', '\nstages:'))).toMatchInlineSnapshot(
      `"7:1 There is an empty line here. | Take the last committed "`,
    );
    expect(problemOf(text.replace('    cmd', '     cmd'))).toMatchInlineSnapshot(
      `"8:3 "prepare" has nothing below it. | Take the last committed "`,
    );
  });

  test('keys out of order, twice, or unknown', () => {
    expect(problemOf(text.replace('bin/tool', 'zip/tool'))).toMatchInlineSnapshot(
      `"3:3 This is not as mlops writes it. | Take the last committed "`,
    );
    expect(problemOf(text.replace('data/images', 'bin/tool'))).toMatchInlineSnapshot(
      `"4:3 "bin/tool" stands here for the second time. | Take the last committed "`,
    );
    expect(problemOf(text.replace('    env:', '    envs:'))).toMatchInlineSnapshot(
      `"14:5 "envs" is not known here. | Take the last committed "`,
    );
  });

  test('another spelling of the same value', () => {
    expect(problemOf(text.replace('size: 9000', 'size: 09000'))).toMatchInlineSnapshot(
      `"3:102 This is not as mlops writes it. | Take the last committed "`,
    );
    expect(problemOf(text.replace('bin/tool:', '"bin/tool":'))).toMatchInlineSnapshot(
      `"3:3 This is not as mlops writes it. | Take the last committed "`,
    );
    expect(problemOf(text.replace(', executable: true', ', executable: false'))).toMatchInlineSnapshot(
      `"3:106 This is not as mlops writes it. | Take the last committed "`,
    );
    expect(problemOf(`\uFEFF${text}`)).toMatchInlineSnapshot(
      `"1:1 "version: 1" is not a line of a lockfile, or is indented wrongly. | Take the last committed "`,
    );
  });

  test('a digest that is none, a size that is none', () => {
    expect(problemOf(text.replace(digest('7'), 'md5:77'))).toMatchInlineSnapshot(
      `"3:13 "bin/tool" has no digest of 64 hex digits. | Take the last committed "`,
    );
    expect(problemOf(text.replace('size: 9000', 'size: -1'))).toMatchInlineSnapshot(
      `"3:13 The size of "bin/tool" is not a count of bytes. | Take the last committed "`,
    );
    expect(problemOf(text.replace('size: 9000', 'size: 90071992547409931'))).toMatchInlineSnapshot(
      `"3:13 The size of "bin/tool" is not a count of bytes. | Take the last committed "`,
    );
  });

  test('a later version', () => {
    expect(problemOf(text.replace('version: 1', 'version: 2'))).toMatchInlineSnapshot(
      `"1:10 Only version 1 is known, and this is version 2. | Update mlops: npm i -g m"`,
    );
  });

  test('paths that no project may have', () => {
    for (const path of [
      '/etc/passwd',
      '../up',
      'a/../b',
      '.git/config',
      'x/.GIT/hooks',
      '.mlops/cache',
      'a//b',
      'a/',
      './a',
      'C:/x',
      'a\\b',
      '',
    ]) {
      const hostile = encodeLockfile({ data: { [path]: lockfile.data['bin/tool'] as LockedPath }, stages: {} });
      expect(problemOf(hostile)).toMatch(/^3:3 The path .* is refused/);
      const output = { ...stage, outputs: { [path]: stage.outputs['metrics.json'] } } as LockedStage;
      expect(problemOf(encodeLockfile({ data: {}, stages: { s: output } }))).toMatch(/is refused/);
    }
  });

  test('names of stages that would leave their folder', () => {
    for (const name of ['../x', 'a/b', '', '.', 'a b', '__proto__', 'constructor']) {
      expect(problemOf(`version: 1\nstages:\n  ${JSON.stringify(name)}:\n    cmd: x\n`)).toMatch(/stage's name/);
    }
  });

  test('a key that would change what all objects are', () => {
    const poisoned = `version: 1\ndata:\n  __proto__: { file: "${digest('7')}", size: 1 }\n`;
    const { data } = parseLockfile(poisoned);
    expect(Object.keys(data)).toEqual(['__proto__']);
    expect(Object.hasOwn(Object.prototype, 'digest')).toBe(false);
    expect(encodeLockfile({ data, stages: {} })).toBe(poisoned);
  });

  test('any change of one character is refused or gives a lockfile with that very text', () => {
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom(...'{}[]": \n#&*!|-.0a~'), (at, character) => {
        const changed = text.slice(0, at) + character + text.slice(at + 1);
        expect(readOrRefusal(changed)).toBeOneOf([changed, 'refused']);
      }),
      { numRuns: 500 },
    );
  });
});

/** What a text comes back as, or that it is refused; anything else thrown is a bug. */
function readOrRefusal(damaged: string): string {
  try {
    return encodeLockfile(parseLockfile(damaged));
  } catch (error) {
    if (error instanceof MlopsError) return 'refused';
    throw error;
  }
}

const name = fc.oneof(
  fc.stringMatching(/^[a-z][a-z0-9 ~é:#'"&*!,-]{0,12}$/),
  fc.constantFrom('true', 'null', 'y', '1', '1.5', 'ä/ö', 'a b', '😀', '__proto__'),
);
const path = name.filter((word) => !/[\\:"*]/.test(word) && !/[ .]$/.test(word));
const scalar: fc.Arbitrary<Value> = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.bigInt(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
);
const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(name, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));
const values = fc.dictionary(name, value, { maxKeys: 4, noNullPrototype: true }) as fc.Arbitrary<ValueMap>;
const anyDigest = fc.constantFrom(...'0123456789abcdef').map(digest);
const file: fc.Arbitrary<LockedPath> = fc.record({
  kind: fc.constant('file' as const),
  digest: anyDigest,
  size: fc.maxSafeNat(),
  executable: fc.boolean(),
});
const tree: fc.Arbitrary<LockedPath> = fc.record({
  kind: fc.constant('tree' as const),
  digest: anyDigest,
  size: fc.maxSafeNat(),
  files: fc.nat(),
});
const flags = fc.record({
  role: fc.constantFrom('outs' as const, 'metrics' as const, 'plots' as const),
  cache: fc.boolean(),
  persist: fc.boolean(),
});
const paths = fc.dictionary(path, fc.oneof(file, tree), { maxKeys: 3, noNullPrototype: true });
const anyStage: fc.Arbitrary<LockedStage> = fc.record({
  cmd: fc.oneof(fc.constant(null), fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 3 })),
  shell: fc.oneof(fc.constant(null), fc.string()),
  wdir: fc.oneof(fc.constant('.'), path),
  deps: paths,
  params: fc.dictionary(path, values, { maxKeys: 2, noNullPrototype: true }),
  env: fc.dictionary(name, fc.oneof(fc.constant(null), fc.string()), { maxKeys: 3, noNullPrototype: true }),
  outputs: fc.dictionary(
    path,
    fc.tuple(fc.oneof(file, tree), flags).map(([locked, flag]) => ({ ...locked, ...flag })),
    { maxKeys: 3, noNullPrototype: true },
  ),
  settings: fc.oneof(fc.constant(null), fc.record({ train: values }) as fc.Arbitrary<ValueMap>),
});
const anyLockfile: fc.Arbitrary<Lockfile> = fc
  .record({
    data: paths,
    stages: fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9@.-]{0,8}[a-z0-9]$/), anyStage, {
      maxKeys: 3,
      noNullPrototype: true,
    }),
  })
  .map(apart);

/** The same with all but the first path in a folder of its own, as a path has one owner. */
function apart({ data, stages }: Lockfile): Lockfile {
  let count = 0;
  const move = <T>(map: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(map).map(([path, item]) => [count++ === 0 ? path : `${count}/${path}`, item]));
  const moved = Object.entries(stages).map(([name, one]) => [name, { ...one, outputs: move(one.outputs) }]);
  return { data: move(data), stages: Object.fromEntries(moved) };
}
