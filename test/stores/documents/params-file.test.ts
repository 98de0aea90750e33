import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeValue, equalValues, type ValueMap } from '../../../src/core/value.ts';
import { parseParams } from '../../../src/stores/documents/params-file.ts';
import { selectParams } from '../../../src/stores/documents/select-params.ts';

describe('the values of a params file', () => {
  const cases: [file: string, text: string, values: object][] = [
    [
      'p.yaml',
      'a: 1\nb: 1.0\nc: "1"\nd: 123456789012345678901234567890\n',
      { a: 1n, b: 1, c: '1', d: 123456789012345678901234567890n },
    ],
    [
      'p.yaml',
      'a: 1e3\nb: .inf\nc: 0x1F\nd: 0o17\ne: -0\nf: yes\ng: 2026-11-24\nh: ~\ni:\n',
      { a: 1000, b: Infinity, c: 31n, d: 15n, e: 0n, f: 'yes', g: '2026-11-24', h: null, i: null },
    ],
    [
      'p.yaml',
      'base: &b { x: 1, y: 2 }\nmore: { <<: *b, y: 3 }\nsame: *b\n',
      { base: { x: 1n, y: 2n }, more: { y: 3n, x: 1n }, same: { x: 1n, y: 2n } },
    ],
    ['p.yaml', '1: a\ntrue: b\n', { 1: 'a', true: 'b' }],
    ['p.yaml', '', {}],
    ['p.yml', '\uFEFFa: 1\r\nb:\r\n  - 2\r\n', { a: 1n, b: [2n] }],
    ['p.json', '{"a": 1, "b": 1.0, "c": {"d": [true, null, "\\u00e9"]}}', { a: 1n, b: 1, c: { d: [true, null, 'é'] } }],
    ['p.json', '{\n\t"a": 1\n}', { a: 1n }],
    [
      'p.toml',
      'a = 1\nb = 1.0\nbig = 9007199254740993\n[c]\nd = [1, 2]\nday = 2026-11-24\n',
      { a: 1n, b: 1, big: 9007199254740993n, c: { d: [1n, 2n], day: '2026-11-24' } },
    ],
  ];
  for (const [file, text, values] of cases) {
    test(`${file}: ${JSON.stringify(text.slice(0, 60))}`, () => expect(parseParams(text, file)).toEqual(values));
  }

  test('of JSON come back as they were written', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }), (json) => {
        const values = parseParams(JSON.stringify(json), 'p.json');
        expect(Object.keys(values).toSorted()).toEqual(Object.keys(json).toSorted());
        expect(equalValues(values, parseParams(JSON.stringify(json, null, 2), 'p.json'))).toBe(true);
      }),
    );
  });

  test('never reach the prototype of other objects', () => {
    const values = parseParams('{"__proto__": {"polluted": 1}}', 'p.json');
    expect(Object.keys(values)).toEqual(['__proto__']);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});

describe('a broken params file is told with its place', () => {
  const cases: [file: string, text: string, place: object][] = [
    ['p.yaml', 'a:\n  b: 1\n  b: 2\n', { line: 3, column: 3 }],
    ['p.json', '{"a": 1,\n "a": 2}', { line: 2, column: 2 }],
    ['p.yaml', '- a\n', { line: 1, message: 'A file of params is a mapping of names to values.' }],
    ['p.yaml', 'a:\n\tb: 1\n', { line: 2 }],
    ['p.toml', 'a = 1\na = 2\n', { line: 2 }],
    ['p.toml', 'a = \n', { line: 1 }],
  ];
  for (const [file, text, place] of cases) {
    test(`${file}: ${JSON.stringify(text)}`, () => {
      expect(() => parseParams(text, file)).toThrow(
        expect.objectContaining({ kind: 'invalid-file', problems: [expect.objectContaining({ file, ...place })] }),
      );
    });
  }
});

describe('selected params', () => {
  const values: ValueMap = { train: { lr: 0.1, layers: [{ units: 16n }] }, 'a.b': 1n };

  test('are found by dotted names, places of lists, and keys that hold dots', () => {
    expect(
      selectParams(values, ['train.lr', 'train.layers[0].units', 'train.layers.0', 'a.b', 'train'], 'p.yaml'),
    ).toEqual({
      'train.lr': 0.1,
      'train.layers[0].units': 16n,
      'train.layers.0': { units: 16n },
      'a.b': 1n,
      train: values['train'],
    });
  });

  test('are the whole file when no name is given', () => {
    expect(encodeValue(selectParams({ b: 1n, a: 2n }, null, 'p.yaml'))).toBe('{ "*": { "a": 2, "b": 1 } }');
  });

  test('that are not there are told with the nearest one', () => {
    for (const name of ['train.lrr', 'train.layers[1]', 'constructor', '__proto__', 'train.lr.x']) {
      expect(() => selectParams(values, [name], 'p.yaml')).toThrow(`There is no param "${name}" in p.yaml`);
    }
    expect(() => selectParams(values, ['train.rl'], 'p.yaml')).toThrow('did you mean "train.lr"?');
  });
});
