import { describe, expect, test } from 'vitest';
import { parseMetrics } from '../../../src/features/metrics/formats/index.ts';

const parse = (text: string, file: string) => parseMetrics(Buffer.from(text), file);

describe('the named numbers of a file', () => {
  const cases: [file: string, text: string, numbers: Record<string, number>][] = [
    [
      'm.json',
      '{"a": 1, "b": {"c": 0.5, "d": [1, {"e": 2}]}, "s": "text", "n": null, "t": true}',
      { a: 1, 'b.c': 0.5, 'b.d.0': 1, 'b.d.1.e': 2 },
    ],
    [
      'm.json',
      '{"nan": NaN, "up": Infinity, "down": -Infinity, "said": "NaN \\" Infinity"}',
      { nan: Number.NaN, up: Infinity, down: -Infinity },
    ],
    ['m.json', '\uFEFF{"a": 1e-3}', { a: 0.001 }],
    ['m.json', '{"__proto__": {"x": 1}, "constructor": 2}', { '__proto__.x': 1, constructor: 2 }],
    ['m.json', '3', { '': 3 }],
    ['m.json', '{}', {}],
    [
      'm.yaml',
      'a: 1\nb: { c: .5 }\nn: .nan\ns: text\nbig: 9007199254740993\n',
      { a: 1, 'b.c': 0.5, n: Number.NaN, big: 9007199254740992 },
    ],
    ['m.yml', '', {}],
    ['m.toml', 'a = 1\n[b]\nc = 0.5\nd = 2020-01-01\n', { a: 1, 'b.c': 0.5 }],
    ['log.csv', 'epoch,loss,note\n1,0.9,x\n2,.5,y\n', { epoch: 2, loss: 0.5 }],
    ['log.csv', '"a, b","c ""q"""\r\n1,nan\r\n\r\n', { 'a, b': 1, 'c "q"': Number.NaN }],
    ['log.tsv', 'a\tb\n1\t-inf\n', { a: 1, b: -Infinity }],
    ['log.csv', 'a,b\n', {}],
    ['log.csv', '', {}],
  ];
  for (const [file, text, numbers] of cases) {
    test(`${file}: ${JSON.stringify(text)}`, () => expect({ ...parse(text, file) }).toEqual(numbers));
  }
});

describe('a broken file is told with its place', () => {
  const cases: [file: string, text: string, place: object][] = [
    ['m.json', '{\n  "a": 1\n  "b": 2 }', { line: 3 }],
    ['m.json', '{"a": 1,}', { line: 1, message: expect.stringContaining('This is not JSON: ') }],
    ['m.json', '', { line: 1, message: expect.stringContaining('This is not JSON: ') }],
    ['m.yaml', 'a: 1\na: 2\n', { line: 2, column: 1 }],
    ['m.toml', 'a = 1\nb = \n', { line: 2 }],
    ['log.csv', 'a,b\n1,2\n3\n', { line: 3, message: 'This row has 1 fields, and the header 2.' }],
  ];
  for (const [file, text, place] of cases) {
    test(`${file}: ${JSON.stringify(text)}`, () => {
      expect(() => parse(text, file)).toThrow(
        expect.objectContaining({ kind: 'invalid-file', problems: [expect.objectContaining({ file, ...place })] }),
      );
    });
  }

  test('a file of another kind is refused', () =>
    expect(() => parse('', 'model.bin')).toThrow('is no file of metrics'));
});
