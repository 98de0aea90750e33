import type { ParamsSelection } from '../../core/stage.ts';
import type { Decoder } from './decode.ts';
import { pathsWithNotes } from './output-decoder.ts';
import { toProjectPath } from './project-path.ts';
import { isNull, type YamlField } from './yaml-node.ts';

/** What is read of which params file, and where each name, or a whole file, is written. */
export interface PlacedParams {
  readonly selections: ParamsSelection[];
  readonly places: ReadonlyMap<string, number>;
}

/** Reads which params a stage takes from which files; a name alone is one of the `params.yaml` beside the file. */
export function decodeParams(field: YamlField | undefined, wdir: string, decoder: Decoder): PlacedParams {
  const byFile = new Map<string, Set<string> | null>();
  const places = new Map<string, number>();
  for (const { path, at, notes } of field === undefined ? [] : pathsWithNotes(field, decoder)) {
    const found = notes === null ? toProjectPath(decoder.folder, 'params.yaml') : toProjectPath(wdir, path);
    if ('problem' in found) {
      decoder.problem(at, found.problem);
      continue;
    }
    const file = found.path;
    const named = notes === null ? [{ name: path, at }] : namesIn({ key: path, at, value: notes }, decoder);
    const whole = notes !== null && isNull(notes);
    if (whole) places.set(file, at);
    for (const one of named) places.set(`${file}:${one.name}`, one.at);
    const known = byFile.get(file);
    const names = named.map(({ name }) => name);
    byFile.set(file, whole || known === null ? null : new Set([...(known ?? []), ...names]));
  }
  return { selections: [...byFile].map(([file, names]) => ({ file, names: names && [...names] })), places };
}

function namesIn(field: YamlField, decoder: Decoder): { name: string; at: number }[] {
  return decoder.list(field).flatMap((node) => {
    const name = decoder.textOf(node, `Each item of "${field.key}"`);
    return name === undefined ? [] : [{ name, at: node.at }];
  });
}
