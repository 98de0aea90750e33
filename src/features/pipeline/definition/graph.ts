import { invalidFile } from '../../../core/errors.ts';
import type { Pipeline } from '../../../core/pipeline.ts';
import type { Stage } from '../../../core/stage.ts';
import { compareCodePoints } from '../../../core/value.ts';
import { isPattern } from '../../../stores/documents/project-path.ts';
import { foldersAbove, globReaches } from '../../../core/overlap.ts';

/** The stages of a pipeline and who reads what whom wrote. */
export interface Graph {
  /** In the order of the file. */
  readonly stages: readonly Stage[];
  /** Stage → the stages whose outputs it reads, in the order of the file. */
  readonly upstream: ReadonlyMap<string, readonly string[]>;
  readonly downstream: ReadonlyMap<string, readonly string[]>;
}

/** Joins stages by their paths: a dependency that is, contains, or lies in another stage's output is an edge. Fails on a cycle, naming its path. */
export function buildGraph(pipeline: Pick<Pipeline, 'stages'>): Graph {
  const { stages } = pipeline;
  const outputs = new OutputPaths(stages);
  const position = new Map(stages.map(({ name }, at) => [name, at]));
  const upstream = new Map<string, string[]>();
  const downstream = new Map<string, string[]>(stages.map(({ name }) => [name, []]));
  for (const stage of stages) {
    const writers = new Set(stage.dependencies.flatMap((path) => outputs.writersOf(path)));
    for (const { file } of stage.params) for (const writer of outputs.writersOf(file)) writers.add(writer);
    // What a stage reads of its own output is refused with a better message, or is a pattern that reaches too far.
    writers.delete(stage.name);
    const sorted = [...writers].toSorted((a, b) => (position.get(a) ?? 0) - (position.get(b) ?? 0));
    upstream.set(stage.name, sorted);
    for (const writer of sorted) downstream.get(writer)?.push(stage.name);
  }
  const graph = { stages, upstream, downstream };
  refuseCycle(graph);
  return graph;
}

/** Which stages to look at for which targets, in an order in which each comes after all that it reads. */
export interface Selection {
  readonly single: boolean;
  readonly downstream: boolean;
}

/** The stages that names select with what they need (upstream), alone, or with what follows from them; in running order. */
export function orderStages(graph: Graph, names: readonly string[], selection: Selection): Stage[] {
  const chosen = new Set(names);
  if (!selection.single) {
    const next = selection.downstream ? graph.downstream : graph.upstream;
    for (const name of chosen) for (const other of next.get(name) ?? []) chosen.add(other);
  }
  const byName = new Map(graph.stages.map((stage) => [stage.name, stage]));
  const ordered = new Map<string, Stage>();
  for (const { name } of graph.stages) {
    // Depth first with a list of our own: a chain of ten thousand stages must not overflow the call stack.
    const path = [name];
    for (let last = path.at(-1); last !== undefined; last = path.at(-1)) {
      const waiting = ordered.has(last)
        ? undefined
        : graph.upstream.get(last)?.find((other) => !ordered.has(other) && other !== last);
      if (waiting !== undefined) path.push(waiting);
      else {
        const stage = byName.get(last);
        if (stage !== undefined) ordered.set(last, stage);
        path.pop();
      }
    }
  }
  return [...ordered.values()].filter(({ name }) => chosen.has(name));
}

/** Finds the stages that write something in, at or around a path. */
class OutputPaths {
  readonly #writers = new Map<string, string>();
  readonly #sorted: string[];

  constructor(stages: readonly Stage[]) {
    for (const { name, outputs } of stages) for (const { path } of outputs) this.#writers.set(path, name);
    this.#sorted = [...this.#writers.keys()].toSorted(compareCodePoints);
  }

  writersOf(path: string): string[] {
    const paths = isPattern(path) ? this.#sorted.filter((output) => globReaches(path, output)) : this.#around(path);
    return paths.flatMap((found) => this.#writers.get(found) ?? []);
  }

  #around(path: string): string[] {
    if (path === '.') return this.#sorted;
    const found = [path, ...foldersAbove(path)].filter((at) => this.#writers.has(at));
    // `0` is the character behind `/`: all names in the folder stand between the two.
    return [...found, ...this.#sorted.slice(this.#firstFrom(`${path}/`), this.#firstFrom(`${path}0`))];
  }

  #firstFrom(text: string): number {
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareCodePoints(this.#sorted[middle] ?? '', text) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function refuseCycle(graph: Graph): void {
  const cycle = findCycle(graph);
  if (cycle === null) return;
  const place = graph.stages.find(({ name }) => name === cycle[0])?.place ?? { file: '', line: null, column: null };
  const message = `these stages wait for each other: ${[...cycle, cycle[0]].join(' → ')}`;
  throw invalidFile(
    [{ ...place, message }],
    'An arrow means “writes what the next one reads”. Take out one dependency or output.',
  );
}

/** The stages of one cycle in the direction of the data, starting with the first in the file; null if there is none. */
function findCycle({ stages, downstream }: Graph): string[] | null {
  const done = new Set<string>();
  for (const { name } of stages) {
    const path: string[] = [name];
    const onPath = new Map([[name, 0]]);
    const tried = new Map<string, number>();
    for (let last = path.at(-1); last !== undefined; last = path.at(-1)) {
      const at = tried.get(last) ?? 0;
      const next = done.has(last) ? undefined : downstream.get(last)?.[at];
      tried.set(last, at + 1);
      if (next === undefined) {
        done.add(last);
        onPath.delete(last);
        path.pop();
      } else if (onPath.has(next)) {
        return path.slice(onPath.get(next));
      } else if (!done.has(next)) {
        onPath.set(next, path.length);
        path.push(next);
      }
    }
  }
  return null;
}
