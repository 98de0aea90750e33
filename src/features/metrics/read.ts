import type { Gate, Pipeline } from '../../core/pipeline.ts';
import type { Revision } from '../../core/revision.ts';
import { leavesOf, type Value } from '../../core/value.ts';
import { DEFAULT_PARAMS_FILE } from '../../project/layout.ts';
import { parseParams } from '../../stores/documents/params-file.ts';
import type { FileValues } from './compare.ts';
import { parseMetrics } from './formats/index.ts';
import { missing, type Readable, type ReadError, RevisionState, toReadErrors } from './revision-state.ts';

/** What is read: numbers that stages wrote, or values that they read. */
export type Subject = 'metrics' | 'params';

/** All values of one revision, with what could not be read of it. */
export interface RevisionValues {
  readonly revision: Revision;
  readonly files: readonly FileValues[];
  readonly errors: readonly ReadError[];
  readonly gates: readonly Gate[];
}

/** Reads the values of a revision: of the files that its pipeline names, as far as they were written, or of the given ones. */
export async function readValues(
  project: Readable,
  revision: Revision,
  subject: Subject,
  paths: readonly string[] = [],
): Promise<RevisionValues> {
  const state = new RevisionState(project, revision);
  const { pipeline, errors: pipelineErrors } = await state.pipeline();
  const named = subject === 'metrics' ? metricsFiles(pipeline) : paramsFiles(pipeline);
  const chosen = paths.length === 0 ? named : paths;
  const gates = pipeline.gates.filter(({ metric }) => paths.length === 0 || paths.includes(fileOf(metric)));

  const files: FileValues[] = [];
  const errors: ReadError[] = [...pipelineErrors];
  for (const file of chosen) {
    try {
      const bytes = await state.readData(file);
      if (bytes !== undefined) files.push({ file, values: parse(subject, bytes, file) });
      else if (paths.length > 0) errors.push(missing(file, revision));
    } catch (error) {
      errors.push(...toReadErrors(file, error));
    }
  }
  return { revision, files, errors, gates };
}

function parse(subject: Subject, bytes: Uint8Array, file: string): Readonly<Record<string, Value>> {
  if (subject === 'metrics') return parseMetrics(bytes, file);
  return Object.assign(Object.create(null), Object.fromEntries(leavesOf(parseParams(bytes, file)))) as Record<
    string,
    Value
  >;
}

/** The file of a metric as gates name it: `metrics.json:accuracy`. */
export function fileOf(metric: string): string {
  return metric.slice(0, Math.max(0, metric.lastIndexOf(':')));
}

function metricsFiles({ stages, metrics, gates }: Pipeline): string[] {
  const written = stages.flatMap(({ outputs }) => outputs.filter(({ role }) => role === 'metrics'));
  const held = gates.map(({ metric }) => fileOf(metric));
  return [...new Set([...written.map(({ path }) => path), ...metrics, ...held])];
}

function paramsFiles({ stages, params }: Pipeline): string[] {
  const read = stages.flatMap((stage) => stage.params.map(({ file }) => file));
  return [...new Set([DEFAULT_PARAMS_FILE, ...params, ...read])];
}
