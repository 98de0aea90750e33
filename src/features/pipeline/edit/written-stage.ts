import { join, relative, sep } from 'node:path';
import { MlopsError } from '../../../core/errors.ts';
import { didYouMean } from '../../../core/nearest.ts';
import { isMap, type ValueMap } from '../../../core/value.ts';
import { PIPELINE_FILE } from '../../../project/layout.ts';
import type { Project } from '../../../project/project.ts';
import { yamlValueAt } from '../../../stores/documents/edit-yaml.ts';
import { readPipelineFile } from '../../../stores/documents/pipeline-file.ts';
import { fullName, splitName } from '../../../stores/documents/stage-name.ts';
import { readFileIfThere } from '../../../system/read-file.ts';
import { readTextFile } from '../../../system/write-file.ts';

/** A stage, or a group of stages, as it is written: in which file, and under which name. */
export interface WrittenStage {
  readonly file: string;
  readonly folder: string;
  /** Its key in the file. */
  readonly own: string;
  /** Its name in the project. */
  readonly name: string;
  readonly value: ValueMap;
}

/** A file of the pipeline, with what it says. */
export interface PipelineText {
  readonly file: string;
  readonly folder: string;
  readonly text: string;
}

/** The stage that a name as typed means; in a folder with stages of its own, one of those first. */
export async function findWritten(project: Project, typed: string, command: string): Promise<WrittenStage> {
  const texts = await pipelineTexts(project);
  const here = hereIn(project);
  for (const wanted of here === '.' ? [typed] : [fullName(here, typed), typed]) {
    const found = lookUp(texts, wanted);
    if (found !== undefined) return found;
    const group = wanted.includes('@') ? lookUp(texts, wanted.slice(0, wanted.indexOf('@'))) : undefined;
    if (group !== undefined) throw oneOfMany(wanted, group, command);
  }
  const known = texts.flatMap((part) => stagesIn(part).map((own) => fullName(part.folder, own)));
  throw new MlopsError('usage', `There is no stage called ${typed}${didYouMean(typed, known)}`, {
    hint: '`mlops stage list` shows them all.',
  });
}

/** The file that a new stage of this name belongs into, and its name in it. */
export async function placeFor(project: Project, typed: string): Promise<PipelineText & { readonly own: string }> {
  const texts = await pipelineTexts(project);
  const here = hereIn(project);
  const { folder, own } = splitName(typed);
  const wanted = folder === '.' && texts.some((part) => part.folder === here) ? here : folder;
  const part = texts.find((one) => one.folder === wanted);
  if (part !== undefined) return { ...part, own };
  const known = texts.map((one) => one.folder).filter((one) => one !== '.');
  throw new MlopsError('usage', `No included file speaks of ${wanted}${didYouMean(wanted, known)}`, {
    hint: `Put stages into ${wanted}/${PIPELINE_FILE}, and that into ${PIPELINE_FILE}: include: [${wanted}/${PIPELINE_FILE}]`,
  });
}

/** The current folder within the project. */
export function hereIn({ root, cwd }: Pick<Project, 'root' | 'cwd'>): string {
  return relative(root, cwd).split(sep).join('/') || '.';
}

async function pipelineTexts({ root }: Project): Promise<PipelineText[]> {
  const text = readTextFile(join(root, PIPELINE_FILE)) ?? '';
  if (!text.includes('include')) return [{ file: PIPELINE_FILE, folder: '.', text }];
  const { parts } = await readPipelineFile(text, PIPELINE_FILE, async (path) => readFileIfThere(join(root, path)));
  return parts.map(({ file, folder }) => ({ file, folder, text: readTextFile(join(root, file)) ?? '' }));
}

function lookUp(texts: readonly PipelineText[], name: string): WrittenStage | undefined {
  const { folder, own } = splitName(name);
  for (const part of texts.filter((one) => one.folder === folder)) {
    const value = yamlValueAt(part.text, ['stages', own]);
    if (value !== undefined) return { ...part, own, name, value: isMap(value) ? value : {} };
  }
  return undefined;
}

function stagesIn({ text }: PipelineText): string[] {
  const stages = yamlValueAt(text, ['stages']);
  return isMap(stages) ? Object.keys(stages) : [];
}

function oneOfMany(wanted: string, { name, value, file }: WrittenStage, command: string): MlopsError {
  const how = Object.hasOwn(value, 'matrix') ? 'matrix' : 'foreach';
  return new MlopsError(
    'usage',
    `"${wanted}" is one of several stages that ${file} writes as one, "${name}" with ${how}: it has no lines of its own.`,
    { hint: `All of them: mlops ${command} ${name}. That one alone: leave it out of ${how}.` },
  );
}
