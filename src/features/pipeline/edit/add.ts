import { isAbsolute, posix, relative, resolve, sep } from 'node:path';
import { MlopsError } from '../../../core/errors.ts';
import { shellWord } from '../../../core/shell-word.ts';
import { isMap, type Value, type ValueMap } from '../../../core/value.ts';
import type { Project } from '../../../project/project.ts';
import { setYamlValue, yamlValueAt } from '../../../stores/documents/edit-yaml.ts';
import { fullName, stageNameProblem } from '../../../stores/documents/stage-name.ts';
import { indentOf, stageText } from '../../../stores/documents/stage-text.ts';
import { projectPath } from '../targets.ts';
import { changePipeline, type TextChange } from './change.ts';
import { hereIn, placeFor } from './written-stage.ts';

/** A stage to be, as typed. */
export interface StageAddRequest {
  readonly name: string;
  /** The words of its command; one word is a script as it is. */
  readonly command: readonly string[];
  readonly deps?: readonly string[];
  /** `lr,epochs` of params.yaml, `other.yaml:a,b`, or `whole.json:`. */
  readonly params?: readonly string[];
  readonly outs?: readonly string[];
  readonly outsNoCache?: readonly string[];
  readonly outsPersist?: readonly string[];
  readonly metrics?: readonly string[];
  readonly plots?: readonly string[];
  readonly env?: readonly string[];
  /** The folder that it runs in, and its paths start from; the current one by default. */
  readonly wdir?: string;
  readonly desc?: string;
  readonly alwaysChanged?: boolean;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

/** The document of the commands that edit one stage. */
export interface StageEdited {
  readonly stage: string;
  readonly change: TextChange;
  /** For Git. */
  readonly changedFiles: readonly string[];
}

/** Writes a new stage into the pipeline, in its folder's file. Everything else in that file stays as it is. */
export async function addStage(project: Project, request: StageAddRequest): Promise<StageEdited> {
  const { file, folder, own } = await placeFor(project, request.name);
  const wrong = stageNameProblem(own);
  if (wrong !== null) throw new MlopsError('usage', `The stage's name ${JSON.stringify(own)} ${wrong}.`);
  if (request.command.join('').trim() === '') {
    throw new MlopsError('usage', `The stage "${request.name}" has nothing to run.`, {
      hint: `mlops stage add ${request.name} … -- <command>. Built-in stages are written into ${file} itself.`,
    });
  }
  const name = fullName(folder, own);
  const fields = fieldsOf(project, folder, request);
  const change = await changePipeline(project, {
    file,
    made: (stage) => stage.name === name,
    dryRun: request.dryRun ?? false,
    change(text) {
      const stages = yamlValueAt(text, ['stages']) ?? {};
      if (!isMap(stages))
        throw new MlopsError('invalid-file', `"stages" in ${file} is not a mapping of names to stages.`);
      if (yamlValueAt(text, ['stages', own]) !== undefined && request.force !== true) {
        throw new MlopsError('refused', `There is a stage "${name}" already.`, {
          hint: 'Choose another name, or write this one in its place: --force',
        });
      }
      return setYamlValue(text, ['stages', own], fields, stageText(fields, indentOf(text)));
    },
  });
  return { stage: name, change, changedFiles: [file] };
}

function fieldsOf(project: Project, folder: string, request: StageAddRequest): ValueMap {
  const wdir = wdirOf(project, request);
  const below = posix.relative(folder, wdir);
  const write = (path: string) => asWritten(path, resolve(project.root, wdir));
  const paths = (list: readonly string[] = []) => list.map(write);
  const outs: Value[] = [
    ...paths(request.outs),
    ...paths(request.outsPersist).map((path) => ({ [path]: { persist: true } })),
    ...paths(request.outsNoCache).map((path) => ({ [path]: { cache: false } })),
  ];
  const [only = ''] = request.command;
  const lists: Readonly<Record<string, readonly Value[]>> = {
    deps: paths(request.deps),
    params: (request.params ?? []).flatMap((text) => paramsOf(text, write)),
    env: request.env ?? [],
    outs,
    metrics: paths(request.metrics),
    plots: paths(request.plots),
  };
  return {
    ...(request.desc === undefined ? {} : { desc: request.desc }),
    cmd: request.command.length === 1 ? only.trim() : request.command.map(shellWord).join(' '),
    ...(below === '' ? {} : { wdir: below }),
    ...Object.fromEntries(Object.entries(lists).filter(([, items]) => items.length > 0)),
    ...(request.alwaysChanged === true ? { always_changed: true } : {}),
  };
}

function wdirOf(project: Project, { wdir }: StageAddRequest): string {
  if (wdir === undefined) return hereIn(project);
  const path = projectPath(wdir, project);
  if (path !== null) return path;
  throw new MlopsError('usage', `${wdir} is outside the project.`, { hint: 'Name a folder in it: -w <dir>' });
}

/** As it was typed, except that an absolute path starts where the others do. */
function asWritten(typed: string, from: string): string {
  const path = isAbsolute(typed) ? relative(from, typed) : typed;
  return sep === '/' ? path : path.split(sep).join('/');
}

function paramsOf(text: string, write: (path: string) => string): Value[] {
  const at = text.lastIndexOf(':');
  const names = text
    .slice(at + 1)
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (at < 0) return names;
  return [{ [write(text.slice(0, at))]: names.length === 0 ? null : names }];
}
