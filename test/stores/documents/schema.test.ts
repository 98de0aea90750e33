import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { type BuiltIn, BUILT_INS, decodeBuiltIn } from '../../../src/core/built-in/index.ts';
import { isMap, toJson, type Value, type ValueMap } from '../../../src/core/value.ts';
import { PIPELINE_TEMPLATE } from '../../../src/project/templates.ts';
import { DATA_KEYS, GATE_KEYS } from '../../../src/stores/documents/notes-decoder.ts';
import { OUTPUT_KEYS, PLOT_KEYS } from '../../../src/stores/documents/output-decoder.ts';
import { readPipelineFile } from '../../../src/stores/documents/pipeline-file.ts';
import { PART_KEYS } from '../../../src/stores/documents/pipeline-part.ts';
import {
  CACHE_KEYS,
  REMOTE_KEYS,
  REMOTE_SECRETS,
  SETTINGS_KEYS,
} from '../../../src/stores/documents/settings-decoder.ts';
import { COMMAND_KEYS, COMMON_KEYS } from '../../../src/stores/documents/stage-decoder.ts';
import { readYaml } from '../../../src/stores/documents/yaml.ts';
import { valueOf } from '../../../src/stores/documents/yaml-node.ts';

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly enum?: readonly string[];
  readonly description?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

const schema = JSON.parse(readFileSync('.mlops.schema.json', 'utf8')) as Schema;
const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema);

function mistakesIn(text: string): string[] {
  const { root, problems } = readYaml(text, '.mlops.yaml');
  expect(problems).toEqual([]);
  validate(root === null ? {} : toJson(valueOf(root)));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

const example = readFileSync('.mlops.example.yaml', 'utf8');

describe('the schema takes', () => {
  test('the example, what it shows as comments, and what init writes', () => {
    expect(mistakesIn(example)).toEqual([]);
    expect(mistakesIn(example.replace(/^( *)# ([a-zA-Z]+:)/gm, '$1$2'))).toEqual([]);
    expect(mistakesIn(PIPELINE_TEMPLATE.replace(/^# ((?: |[a-z]+:).*)$/gm, '$1'))).toEqual([]);
    expect(mistakesIn('')).toEqual([]);
  });

  for (const text of [
    'stages: { a: { cmd: [x, y], deps: z, outs: { o: , p: { cache: false } }, params: a, plots: [c.csv] } }',
    'stages: { a: { cmd: x, frozen: "${f}", retries: "${r}", resources: "${m}", meta: "${m}", timeout: 1.5h } }',
    'stages: { a: { matrix: { m: [1, x], include: [{ n: 1 }] }, cmd: x }, b: { matrix: "${m}", cmd: x } }',
    'stages: { a: { foreach: "${m}", do: { train: { data: d.csv, target: "${t}", out: o, model: cnn } } } }',
    'stages: { a: { evaluate: { model: m, data: { part: train }, metrics: f1, out: false, plots: null } } }',
    'stages: { a: { train: { data: d, target: t, out: o, features: [a, { name: [b, c], type: category }], fit: { early_stopping: true, optimizer: sgd } } } }',
    'remotes: { a: s3://b, c: { url: /d, jobs: 3 } }\ncache: { link: copy }\nstages:\nvars: a.yaml\ninclude: b.yaml',
  ]) {
    test(`such as ${text}`, async () => {
      expect(mistakesIn(text)).toEqual([]);
    });
  }
});

/** The reader refuses each of these, and so must the editor. */
const BAD = [
  'remots: {}',
  'jobs: 0',
  'jobs: many',
  'autostage: yes please',
  'remote: 5',
  'remotes: { "a b": { url: x } }',
  'remotes: { o: { url: x, regon: y } }',
  'remotes: { o: { url: x, secretAccessKey: y } }',
  'cache: { link: [refflink] }',
  'cache: { packBelow: 999999999 }',
  'resources: { gpu: none }',
  'data: { a: { push: no way } }',
  'stages: [a]',
  'stages: { a: {} }',
  'stages: { "a b": { cmd: x } }',
  'stages: { a: { cmd: 3 } }',
  'stages: { a: { cmd: [] } }',
  'stages: { a: { cmd: x, train: { data: d, target: t, out: o } } }',
  'stages: { a: { cmd: x, dpes: [y] } }',
  'stages: { a: { cmd: x, outs: [{ o: { cahe: true } }] } }',
  'stages: { a: { cmd: x, outs: [3] } }',
  'stages: { a: { cmd: x, env: [A-B] } }',
  'stages: { a: { cmd: x, timeout: 2 hours } }',
  'stages: { a: { cmd: x, retries: -1 } }',
  'stages: { a: { cmd: x, frozen: 1 } }',
  'stages: { a: { cmd: x, resources: { gpu: 0 } } }',
  'stages: { a: { foreach: [1] } }',
  'stages: { a: { foreach: [1], do: { cmd: x }, deps: [y] } }',
  'stages: { a: { matrix: {}, cmd: x } }',
  'stages: { a: { matrix: { m: [] }, cmd: x } }',
  'stages: { a: { train: { target: t, out: o } } }',
  'stages: { a: { train: { data: d, target: t, out: o, epochs: 3 } } }',
  'stages: { a: { train: { data: d, target: t, out: o, fit: { epochs: 0 } } } }',
  'stages: { a: { train: { data: d, target: t, out: o, model: { type: tree } } } }',
  'stages: { a: { train: { data: d, target: t, out: o, model: { dropout: 1 } } } }',
  'stages: { a: { train: { data: d, target: t, out: o }, outs: [y] } }',
  'stages: { a: { evaluate: { model: m, metrics: [auc] } } }',
  'stages: { a: { predict: { model: m, data: d, out: p.txt } } }',
  'gates: [{ min: 1 }]',
  'gates: [{ metric: "m.json:a" }]',
  'gates: [{ metric: accuracy, min: 1 }]',
  'gates: [{ metric: "m.json:a", maxDrop: 5 percent }]',
  'vars: [3]',
  'include: [3]',
];

describe('the schema refuses, as the reader does,', () => {
  for (const text of BAD) {
    test(`such as ${text}`, async () => {
      const { problems } = await readPipelineFile(text, '.mlops.yaml', async () => undefined);
      expect(problems.length).toBeGreaterThan(0);
      expect(mistakesIn(text).length).toBeGreaterThan(0);
    });
  }
});

describe('the schema and the reader know the same keys', () => {
  const at = (name: string) => keysOf(schema.$defs?.[name]);
  const sorted = (...keys: readonly (readonly string[])[]) => [...new Set(keys.flat())].toSorted();

  test('of the file and its parts', () => {
    expect(keysOf(schema)).toEqual(sorted(SETTINGS_KEYS, PART_KEYS));
    expect(keysOf(schema.properties?.['cache'])).toEqual(sorted(CACHE_KEYS));
    const secrets: readonly string[] = REMOTE_SECRETS;
    expect(at('remote')).toEqual(sorted(REMOTE_KEYS.filter((key) => !secrets.includes(key))));
    expect(at('dataNote')).toEqual(sorted(DATA_KEYS));
    expect(at('gate')).toEqual(sorted(GATE_KEYS));
    expect(at('plot')).toEqual(sorted(PLOT_KEYS));
    expect(at('output')).toEqual(sorted(OUTPUT_KEYS));
    expect(at('plotOutput')).toEqual(sorted(OUTPUT_KEYS, PLOT_KEYS));
    expect(at('doStage')).toEqual(sorted(COMMON_KEYS, COMMAND_KEYS, BUILT_INS));
    expect(at('stage')).toEqual(sorted(COMMON_KEYS, COMMAND_KEYS, BUILT_INS, ['matrix']));
    expect(at('foreachStage')).toEqual(['do', 'foreach']);
  });

  const base = { data: { train: 'a.csv' }, target: 'y', out: 'm' };
  const early = { fit: { early_stopping: true, optimizer: 'sgd' } };
  for (const [kind, variants] of [
    [
      'train',
      [
        { ...base, ...early },
        { ...base, model: 'cnn', features: { image: [8n, 8n] } },
      ],
    ],
    [
      'evaluate',
      [
        { model: 'm', data: { part: 'test' } },
        { model: 'm', data: 'a.csv' },
      ],
    ],
    ['predict', [{ model: 'm', data: 'a.csv' }]],
  ] as const satisfies readonly (readonly [BuiltIn, readonly ValueMap[]])[]) {
    test(`of ${kind}:`, () => {
      const known = new Set(variants.flatMap((raw) => pathsIn(decodeBuiltIn(kind, raw).settings as Value)));
      expect(new Set(schemaPaths(schema.$defs?.[kind]))).toEqual(known);
    });
  }

  test('and each choice has the words that the reader names', () => {
    const words = [...schemaEnums(schema.$defs?.['train'], [])].filter(({ keys }) => !keys.includes('features'));
    expect(words.length).toBeGreaterThan(5);
    for (const { keys, values } of words) {
      const raw = keys.reduceRight<Value>((inner, key) => ({ [key]: inner }), 'zzz') as ValueMap;
      const messages = decodeBuiltIn('train', raw).problems.map(({ message }) => message);
      expect(messages.join(' ')).toContain(`it is one of ${values.join(', ')}.`);
    }
  });

  test('and every key says what it means', () => {
    const silent = Object.entries(schema.properties ?? {}).filter(([, { description }]) => description === undefined);
    expect(silent).toEqual([]);
    const stage = Object.entries(schema.$defs?.['stage']?.properties ?? {});
    expect(stage.filter(([, one]) => (one.description ?? resolve(one).description) === undefined)).toEqual([]);
  });
});

function resolve(part: Schema): Schema {
  return part.$ref === undefined ? part : (schema.$defs?.[part.$ref.replace('#/$defs/', '')] ?? part);
}

/** The mappings that a part of the schema may be. */
function mappings(part: Schema | undefined): Schema[] {
  if (part === undefined) return [];
  const found = resolve(part);
  return [...(found.properties === undefined ? [] : [found]), ...(found.anyOf ?? []).flatMap(mappings)];
}

function keysOf(part: Schema | undefined): string[] {
  return [...new Set(mappings(part).flatMap(({ properties }) => Object.keys(properties ?? {})))].toSorted();
}

function schemaPaths(part: Schema | undefined, prefix = ''): string[] {
  return mappings(part).flatMap(({ properties }) =>
    Object.entries(properties ?? {}).flatMap(([key, inner]) => [
      `${prefix}${key}`,
      ...schemaPaths(inner, `${prefix}${key}.`),
    ]),
  );
}

function pathsIn(value: Value, prefix = ''): string[] {
  if (!isMap(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => [`${prefix}${key}`, ...pathsIn(inner, `${prefix}${key}.`)]);
}

function schemaEnums(
  part: Schema | undefined,
  keys: readonly string[],
): { keys: readonly string[]; values: readonly string[] }[] {
  if (part === undefined) return [];
  const found = resolve(part);
  const here = [found, ...(found.anyOf ?? [])].flatMap((one) => one.enum ?? []);
  const isShort = (found.anyOf ?? []).some((one) => one.properties !== undefined);
  return [
    ...(here.length > 0 && !isShort ? [{ keys, values: here }] : []),
    ...mappings(part).flatMap(({ properties }) =>
      Object.entries(properties ?? {}).flatMap(([key, inner]) => schemaEnums(inner, [...keys, key])),
    ),
  ];
}
