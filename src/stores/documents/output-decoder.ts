import type { Output, OutputRole } from '../../core/stage.ts';
import type { ValueMap } from '../../core/value.ts';
import type { Decoder } from './decode.ts';
import { cachedByDefault } from './lockfile.ts';
import { toProjectPath } from './project-path.ts';
import { mapOf, type YamlField, type YamlNode } from './yaml-node.ts';

/** An output with its place in the file. */
export interface PlacedOutput {
  readonly output: Output;
  readonly at: number;
}

/** What may be said of any output. */
export const OUTPUT_KEYS: readonly string[] = ['cache', 'persist', 'push', 'remote', 'desc', 'type', 'labels', 'meta'];

/** What a plot may say of its picture. */
export const PLOT_KEYS: readonly string[] = ['x', 'y', 'template', 'title', 'x_label', 'y_label', 'header'];

/** Reads a list of outputs: paths, or paths with what is said of them. */
export function decodeOutputs(
  field: YamlField | undefined,
  role: OutputRole,
  wdir: string,
  decoder: Decoder,
): PlacedOutput[] {
  if (field === undefined) return [];
  return pathsWithNotes(field, decoder).flatMap(({ path: written, at, notes }) => {
    const found = toProjectPath(wdir, written);
    if ('problem' in found) return decoder.problem(at, found.problem) ?? [];
    const known = role === 'plots' ? [...OUTPUT_KEYS, ...PLOT_KEYS] : OUTPUT_KEYS;
    const fields = notes === null ? new Map<string, YamlField>() : decoder.fields(notes, `"${written}"`, known);
    const output: Output = {
      path: found.path,
      role,
      cache: decoder.flag(fields.get('cache')) ?? cachedByDefault(role),
      persist: decoder.flag(fields.get('persist')) ?? false,
      push: decoder.flag(fields.get('push')) ?? true,
      remote: decoder.text(fields.get('remote')) ?? null,
      plot: role === 'plots' ? plotOf(fields) : null,
    };
    return { output, at };
  });
}

/** A path of a list with what is said of it; null when nothing is. */
export interface NotedPath {
  readonly path: string;
  readonly at: number;
  readonly notes: YamlNode | null;
}

/** The items of a list of paths; `{ path: notes }` may stand in place of a path, and a mapping in place of the list. */
export function pathsWithNotes(field: YamlField, decoder: Decoder): NotedPath[] {
  const nodes: readonly YamlNode[] = field.value.type === 'map' ? [field.value] : decoder.list(field);
  return nodes.flatMap((node): NotedPath[] => {
    if (node.type === 'map') return node.fields.map(({ key, at, value }) => ({ path: key, at, notes: value }));
    const path = decoder.textOf(node, `Each item of "${field.key}"`);
    return path === undefined ? [] : [{ path, at: node.at, notes: null }];
  });
}

function plotOf(fields: ReadonlyMap<string, YamlField>): ValueMap {
  const plot = [...fields.values()].filter(({ key }) => PLOT_KEYS.includes(key));
  return mapOf({ type: 'map', at: 0, fields: plot });
}
