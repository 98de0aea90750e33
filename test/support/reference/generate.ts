import type { Random } from '../random.ts';
import { type Definition, expand, type Out, PARAMS, type Single } from './definition.ts';
import { touches } from './world.ts';

const FILES = ['o0', 'o1', 'o2', 'o3', 'o4', 'o5', 'o6', 'g/a', 'g/b', 'd0/', 'd1/'];
const READS = [
  'x',
  'y',
  'z',
  'src',
  'src/*',
  'src/a',
  'g',
  'g/a',
  'd0',
  'd0/x',
  'd1',
  'd1/sub',
  'o0',
  'o1',
  'o2',
  'o3',
  'o4',
  'k-a',
  'q-1-u',
  'g/*',
];
const NAMES = ['s0', 's1', 's2', 's3', 's4'];

/** A pipeline by chance, which obeys the laws. */
export function somePipeline(random: Random): Definition[] {
  let definitions: Definition[] = [];
  for (const name of [...NAMES.slice(0, 2 + Math.floor(random.next() * 4)), 'k', 'q']) {
    if (name.length === 1 && random.chance(0.5)) continue;
    const more = [...definitions, someStage(random, name, definitions)];
    if (isLawful(more)) definitions = more;
  }
  return definitions;
}

/** The same with one thing changed: a stage more or less, or another dependency, output, param, word or flag. */
export function editPipeline(random: Random, definitions: readonly Definition[]): Definition[] {
  for (let tries = 0; tries < 20; tries++) {
    const edited = editOnce(random, definitions);
    if (isLawful(edited) && edited.length > 0) return edited;
  }
  return [...definitions];
}

function someStage(random: Random, name: string, others: readonly Definition[]): Definition {
  const group = {
    k: { kind: 'foreach', items: ['a', 'b'] },
    q: { kind: 'matrix', items: ['1-u', '1-v', '2-u'] },
  } as const;
  const how = name === 'k' ? group.k : name === 'q' ? group.q : ({ kind: 'one', items: [] } as const);
  const taken = others.flatMap(({ outs }) => outs.map(({ path }) => path));
  const free = FILES.filter((path) => !taken.includes(path));
  const outs =
    how.kind === 'one' ? random.some(free, 2).map((path) => someOut(random, path)) : [someOut(random, `${name}-ITEM`)];
  return {
    name,
    ...how,
    word: how.kind === 'one' ? random.pick(['w0', 'w1']) : 'w-ITEM',
    reads: random.some(READS, 3),
    outs,
    params: random.some(PARAMS, 2),
    whole: random.chance(0.15),
    env: random.chance(0.2),
    showsParams: random.chance(0.5),
    hasSecret: random.chance(0.2),
    alwaysChanged: random.chance(0.05),
    frozen: random.chance(0.05),
  };
}

function someOut(random: Random, path: string): Out {
  const role = random.pick(['outs', 'outs', 'outs', 'metrics', 'plots'] as const);
  const cache = role === 'outs' ? !random.chance(0.12) : random.chance(0.3);
  return { path, role, cache, persist: !path.endsWith('/') && random.chance(0.1) };
}

function editOnce(random: Random, definitions: readonly Definition[]): Definition[] {
  const change = (edit: (one: Definition) => Partial<Definition>) => {
    const at = Math.floor(random.next() * definitions.length);
    return definitions.map((one, position) => (position === at ? { ...one, ...edit(one) } : one));
  };
  const edits: readonly (() => Definition[])[] = [
    () => change(({ word }) => ({ word: word.startsWith('w-') ? word : random.pick(['w0', 'w1', 'w2']) })),
    () => change(({ reads }) => ({ reads: [...new Set([...reads, random.pick(READS)])] })),
    () => change(({ reads }) => ({ reads: reads.slice(1) })),
    () => change(({ params }) => ({ params: [...new Set([...params, random.pick(PARAMS)])] })),
    () => change(({ params }) => ({ params: params.slice(1) })),
    () => change(({ whole }) => ({ whole: !whole })),
    () => change(({ env }) => ({ env: !env })),
    () => change(({ frozen }) => ({ frozen: !frozen && random.chance(0.5) })),
    () => change(({ alwaysChanged }) => ({ alwaysChanged: !alwaysChanged && random.chance(0.5) })),
    () => change(({ outs }) => ({ outs: outs.map(({ path }) => someOut(random, path)) })),
    () =>
      change(({ kind, outs }) => ({ outs: kind === 'one' ? [...outs, someOut(random, random.pick(FILES))] : outs })),
    () => change(({ kind, outs }) => ({ outs: kind === 'one' ? outs.slice(1) : outs })),
    () =>
      change(({ kind, items }) => ({
        items:
          kind === 'foreach'
            ? random.pick([['a'], ['a', 'b'], ['b', 'c']])
            : kind === 'matrix'
              ? random.pick([['1-u'], ['1-u', '1-v', '2-u'], ['1-u', '2-u']])
              : items,
      })),
    () => moveOut(random, definitions),
    () => definitions.filter((_, at) => at !== Math.floor(random.next() * definitions.length)),
    () => {
      const name = [...NAMES, 'k', 'q'].find((one) => !definitions.some((other) => other.name === one));
      return name === undefined ? [...definitions] : [...definitions, someStage(random, name, definitions)];
    },
    () => [...definitions].reverse(),
  ];
  return random.pick(edits)();
}

function moveOut(random: Random, definitions: readonly Definition[]): Definition[] {
  const ones = definitions.filter(({ kind }) => kind === 'one');
  if (ones.length < 2) return [...definitions];
  const [from, to] = [random.pick(ones), random.pick(ones)];
  const [out] = from.outs;
  if (out === undefined || from === to) return [...definitions];
  return definitions.map((one) => {
    if (one === from) return { ...one, outs: one.outs.slice(1) };
    return one === to ? { ...one, outs: [...one.outs, out] } : one;
  });
}

/** No output touches another one or what its stage reads, and no stage waits for itself. */
function isLawful(definitions: readonly Definition[]): boolean {
  const stages = expand(definitions);
  const paths = stages.flatMap(({ outs }) => outs.map(({ path }) => path));
  if (paths.some((path, at) => paths.some((other, position) => at !== position && touches(path, other)))) return false;
  const reads = (stage: Single, other: Single) =>
    other.outs.some(({ path }) => stage.reads.some((read) => touches(read, path)));
  if (stages.some((stage) => reads(stage, stage))) return false;
  const over = new Set<Single>();
  for (let size = -1; size !== over.size;) {
    size = over.size;
    for (const stage of stages) if (stages.every((other) => over.has(other) || !reads(stage, other))) over.add(stage);
  }
  return over.size === stages.length;
}
