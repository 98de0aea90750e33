import { posix } from 'node:path';
import type { DataNote, Gate, Pipeline } from '../../core/pipeline.ts';
import { isMap, type ValueMap } from '../../core/value.ts';
import type { Decoder } from './decode.ts';
import { emptyMap } from './flow.ts';
import { pathsWithNotes, PLOT_KEYS } from './output-decoder.ts';
import { toProjectPath } from './project-path.ts';
import { mapOf, type YamlField } from './yaml-node.ts';

/** What a note on data may say. */
export const DATA_KEYS: readonly string[] = ['desc', 'remote', 'push', 'type', 'labels', 'meta'];
/** What a gate may say. */
export const GATE_KEYS: readonly string[] = ['metric', 'goal', 'min', 'max', 'maxDrop', 'maxIncrease'];

/** Reads what is noted about tracked data. */
export function decodeData(field: YamlField | undefined, decoder: Decoder): Record<string, DataNote> {
  const notes = emptyMap<DataNote>();
  for (const { key, at, value } of (field && decoder.map(field.value, '"data"'))?.fields ?? []) {
    const found = toProjectPath(decoder.folder, key);
    if ('problem' in found) {
      decoder.problem(at, found.problem);
      continue;
    }
    const fields = decoder.fields(value, `"${key}"`, DATA_KEYS);
    notes[found.path] = {
      desc: decoder.text(fields.get('desc')) ?? null,
      remote: decoder.text(fields.get('remote')) ?? null,
      push: decoder.flag(fields.get('push')) ?? true,
      type: decoder.text(fields.get('type')) ?? null,
      labels: decoder.texts(fields.get('labels')),
      meta: decoder.values(fields.get('meta')) ?? {},
    };
  }
  return notes;
}

/** Reads the plots that belong to no stage: files, or pictures with a name. */
export function decodePlots(field: YamlField | undefined, decoder: Decoder): Pipeline['plots'] {
  if (field === undefined) return [];
  return pathsWithNotes(field, decoder).map(({ path, notes }) => {
    const fields = notes === null ? [] : [...decoder.fields(notes, `the plot "${path}"`, PLOT_KEYS).values()];
    const plot = mapOf({ type: 'map', at: 0, fields });
    return { path: posix.join(decoder.folder, path), plot: fromFolder(plot, decoder.folder) };
  });
}

/** The files of a picture's axes start from the folder of the file that names them. */
function fromFolder(plot: ValueMap, folder: string): ValueMap {
  const { y } = plot;
  if (!isMap(y) || folder === '.') return plot;
  const moved = Object.entries(y).map(([file, column]) => [posix.join(folder, file), column] as const);
  return { ...plot, y: Object.fromEntries(moved) };
}

/** Reads the thresholds that metrics are held to. */
export function decodeGates(field: YamlField | undefined, decoder: Decoder): Gate[] {
  if (field === undefined) return [];
  return decoder.list(field, 'a list').flatMap((node) => {
    const fields = decoder.fields(node, 'a gate', GATE_KEYS);
    const metric = decoder.text(fields.get('metric'));
    if (!fields.has('metric') && node.type === 'map')
      decoder.problem(node.at, 'A gate needs a "metric", such as "metrics.json:accuracy".');
    if (metric !== undefined && !/^.+:[^:]+$/.test(metric)) {
      decoder.problem(
        fields.get('metric')?.value.at ?? node.at,
        `The metric ${JSON.stringify(metric)} has to be a file, a colon and a name, such as "metrics.json:accuracy".`,
      );
    }
    const gate: Gate = {
      metric: metric === undefined ? '' : posix.join(decoder.folder, metric),
      goal: decoder.choice(fields.get('goal'), ['higher', 'lower']) ?? 'higher',
      min: decoder.number(fields.get('min')) ?? null,
      max: decoder.number(fields.get('max')) ?? null,
      maxDrop: amountOf(fields.get('maxDrop'), decoder),
      maxIncrease: amountOf(fields.get('maxIncrease'), decoder),
    };
    const says = [gate.min, gate.max, gate.maxDrop, gate.maxIncrease].some((limit) => limit !== null);
    const limits = ['min', 'max', 'maxDrop', 'maxIncrease'];
    if (!says && !limits.some((key) => fields.has(key))) {
      decoder.problem(node.at, `A gate needs a limit: one of ${limits.join(', ')}.`);
    }
    return metric === undefined ? [] : gate;
  });
}

/** A number, or a part of the value before (`"5%"`). */
function amountOf(field: YamlField | undefined, decoder: Decoder): number | string | null {
  if (field === undefined) return null;
  const { value } = field;
  const isText = value.type === 'scalar' && typeof value.value === 'string';
  if (isText && /^\d+(?:\.\d+)?%$/.test(String(value.value))) return String(value.value);
  if (isText)
    return decoder.problem(value.at, `"${field.key}" has to be a number or a percentage such as "5%".`) ?? null;
  const number = decoder.number(field) ?? null;
  if (number !== null && number < 0) return decoder.problem(value.at, `"${field.key}" cannot be below zero.`) ?? null;
  return number;
}
