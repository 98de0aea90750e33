import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isMap, type Value, type ValueMap } from '../../../src/core/value.ts';
import { removeYamlValue, renameYamlKey, setYamlValue, yamlValueAt } from '../../../src/stores/documents/edit-yaml.ts';
import { indentOf, stageText } from '../../../src/stores/documents/stage-text.ts';
import { readYaml } from '../../../src/stores/documents/yaml.ts';

const words = fc.constantFrom(
  'x',
  'a b',
  "it's",
  '#no',
  'k: v',
  '- d',
  '12',
  'true',
  '{',
  '${lr}',
  'é',
  'a,b',
  '',
  '|',
  '"q"',
  ' x',
  '\tx',
);
const scripts = fc.oneof(
  words,
  fc.array(words, { minLength: 2, maxLength: 4 }).map((lines) => lines.join('\n')),
);
const body = fc.record(
  { cmd: scripts, deps: fc.array(words, { maxLength: 40 }), outs: fc.array(words, { maxLength: 3 }), desc: words },
  { requiredKeys: ['cmd'] },
);

/** A stage in one of the ways that people write, with comments that say whose lines they are. */
const written = fc.record({
  style: fc.constantFrom('lines', 'braces', 'literal', 'nested'),
  above: fc.boolean(),
  beside: fc.boolean(),
  blank: fc.boolean(),
  step: fc.constantFrom(2, 3, 4),
});

interface Written {
  readonly style: string;
  readonly above: boolean;
  readonly beside: boolean;
  readonly blank: boolean;
}

function stageLines(name: string, { style, above, beside, blank }: Written, step: number): string[] {
  const pad = (depth: number) => ' '.repeat(depth * step);
  const note = beside ? `   # beside ${name}` : '';
  const lines =
    {
      lines: [`${pad(1)}${name}:${note}`, `${pad(2)}cmd: "${name} x"${note}`, `${pad(2)}deps: [ d-${name} ]`],
      braces: [`${pad(1)}${name}: { cmd: '${name}', "deps": [d-${name}] }${note}`],
      literal: [`${pad(1)}${name}:`, `${pad(2)}cmd: |`, `${pad(3)}cd ${name}`, '', `${pad(3)}  ${name} # no comment`],
      nested: [
        `${pad(1)}${name}:`,
        `${pad(2)}outs:`,
        `${pad(3)}- o-${name}:`,
        `${pad(3)}    cache: false${note}`,
        `${pad(2)}cmd: ${name}`,
      ],
    }[style] ?? [];
  return [...(above ? [`${pad(1)}# above ${name}`] : []), ...lines, ...(blank ? [''] : [])];
}

const files = fc
  .record({
    stages: fc.array(written, { minLength: 2, maxLength: 5 }),
    step: fc.constantFrom(2, 4),
    tail: fc.boolean(),
  })
  .map(({ stages, step, tail }) => ({
    names: stages.map((_, at) => `s${at}`),
    text: [
      '# top',
      'jobs: 2   # two',
      '',
      'stages: # all',
      ...stages.flatMap((stage, at) => stageLines(`s${at}`, stage, step)),
      ...(tail ? ['# end', 'gates: []'] : []),
      '',
    ].join('\n'),
  }));

const stagesOf = (text: string): ValueMap => {
  expect(readYaml(text, 'x').problems).toEqual([]);
  const stages = yamlValueAt(text, ['stages']);
  return isMap(stages) ? stages : {};
};
const encode = (value: Value) =>
  JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? `${each}n` : each));
const without = (map: ValueMap, name: string) =>
  Object.fromEntries(Object.entries(map).filter(([key]) => key !== name));
const solid = (text: string) => text.split('\n').filter((line) => line.trim() !== '');

test('however a file is written, an edit changes the values that it should and no line of another stage', () => {
  fc.assert(
    fc.property(files, body, fc.nat(), ({ names, text }, fields, at) => {
      const name = names[at % names.length] ?? '';
      const before = stagesOf(text);
      const others = solid(text).filter(
        (line) => !line.includes(name) && !/^\s*(?:cmd: \||outs:|.*cache: false)$/.test(line),
      );

      const added = setYamlValue(text, ['stages', 'new'], fields, stageText(fields, indentOf(text)));
      expect(encode(stagesOf(added))).toBe(encode({ ...before, new: fields }));
      expect(solid(added).slice(0, solid(text).length - 2)).toEqual(solid(text).slice(0, solid(text).length - 2));
      expect(solid(removeYamlValue(added, ['stages', 'new']))).toEqual(solid(text));

      const replaced = setYamlValue(text, ['stages', name], fields, stageText(fields, indentOf(text)));
      expect(encode(stagesOf(replaced))).toBe(
        encode(Object.fromEntries(Object.entries(before).map(([key, value]) => [key, key === name ? fields : value]))),
      );
      const removed = removeYamlValue(text, ['stages', name]);
      expect(encode(stagesOf(removed))).toBe(encode(without(before, name)));
      const renamed = renameYamlKey(text, ['stages', name], 'other');
      expect(Object.keys(stagesOf(renamed))).toEqual(names.map((each) => (each === name ? 'other' : each)));
      const frozen = setYamlValue(text, ['stages', name, 'frozen'], true, 'true');
      expect(yamlValueAt(frozen, ['stages', name, 'frozen'])).toBe(true);
      expect(removeYamlValue(frozen, ['stages', name, 'frozen'])).toBe(text);
      for (const edited of [replaced, removed, renamed, frozen]) {
        const left = solid(edited);
        expect(others.filter((line) => !left.includes(line))).toEqual([]);
      }
    }),
    { numRuns: Number(process.env['MLOPS_ROUNDS'] ?? 60) },
  );
});
