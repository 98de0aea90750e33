import { join } from 'node:path';
import { invalidFile, MlopsError } from '../../../core/errors.ts';
import type { Pipeline } from '../../../core/pipeline.ts';
import { DEFAULT_PARAMS_FILE, PIPELINE_FILE } from '../../../project/layout.ts';
import type { Project } from '../../../project/project.ts';
import { readPipelineFile } from '../../../stores/documents/pipeline-file.ts';
import { setParam } from '../../../stores/documents/set-param.ts';
import { readTextFile } from '../../../system/write-file.ts';

/** A param and the text of its new value, as typed: `train.lr`, or `other.yaml:train.lr`. */
export interface ParamAssignment {
  readonly name: string;
  readonly value: string;
}

/** The texts of params files after some changes, comments staying. Fails when one of them cannot be made. */
export function changeParams(root: string, changes: readonly ParamAssignment[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const { name, value } of changes) {
    const at = name.lastIndexOf(':');
    const [file, key] = at < 0 ? [DEFAULT_PARAMS_FILE, name] : [name.slice(0, at), name.slice(at + 1)];
    const text = texts.get(file) ?? readTextFile(join(root, file));
    if (text === undefined) throw new MlopsError('usage', `There is no ${file} to change ${key} in.`);
    texts.set(file, setParam(text, file, key, value));
  }
  return texts;
}

/** The pipeline as it is with these texts in place of the files. */
export async function pipelineWith(project: Project, texts: ReadonlyMap<string, string>): Promise<Pipeline> {
  const definition = readTextFile(project.layout.pipelineFile);
  if (definition === undefined) return project.pipeline();
  const read = async (path: string) => {
    const text = texts.get(path) ?? readTextFile(join(project.root, path));
    return text === undefined ? undefined : Buffer.from(text);
  };
  const { pipeline, problems } = await readPipelineFile(Buffer.from(definition), PIPELINE_FILE, read);
  if (problems.length > 0) throw invalidFile(problems);
  return pipeline;
}
