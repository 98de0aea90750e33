import { join } from 'node:path';
import { invalidFile, type Problem } from '../../../core/errors.ts';
import type { Pipeline } from '../../../core/pipeline.ts';
import type { Stage } from '../../../core/stage.ts';
import { PIPELINE_FILE } from '../../../project/layout.ts';
import type { Project } from '../../../project/project.ts';
import { type PipelineFileReading, readPipelineFile } from '../../../stores/documents/pipeline-file.ts';
import { readYaml } from '../../../stores/documents/yaml.ts';
import { withLease } from '../../../system/lease.ts';
import { readFileIfThere } from '../../../system/read-file.ts';
import { readTextFile, writeFile } from '../../../system/write-file.ts';
import { buildGraph } from '../definition/graph.ts';
import { checkOutputsOnDisk, checkPaths } from '../definition/laws.ts';

/** What a change does to a file: the lines that go and those that come, from a line on. */
export interface TextChange {
  readonly file: string;
  readonly line: number;
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** A change of a file of the pipeline. */
export interface ChangeRequest {
  readonly file: string;
  readonly change: (text: string) => string;
  /** The stages that are new or written anew: they must be able to run. */
  readonly made: (stage: Stage) => boolean;
  readonly dryRun: boolean;
}

/** Changes a file of the pipeline under its lease, unless what comes out has a mistake that was not there before. */
export async function changePipeline(project: Project, request: ChangeRequest): Promise<TextChange> {
  const { layout, waitMilliseconds, report, signal } = project;
  const lease = {
    folder: layout.leases,
    name: 'settings project',
    what: PIPELINE_FILE,
    waitMilliseconds,
    report,
    signal,
  };
  return withLease(lease, async () => {
    const path = join(project.root, request.file);
    const before = readTextFile(path) ?? '';
    const { problems } = readYaml(before, request.file);
    if (problems.length > 0) throw invalidFile(problems, 'Correct the file first; nothing was written.');
    const after = changeLines(before, request.change);
    if (after !== before) {
      await refuseNewMistakes(project, request, before, after);
      if (!request.dryRun) writeFile(path, after, layout.tmp);
    }
    return { file: request.file, ...linesBetween(before, after) };
  });
}

/** Lines that end as on Windows go on to end so. */
function changeLines(text: string, change: (text: string) => string): string {
  const isWindows = text.includes('\r\n') && !/(?<!\r)\n/.test(text);
  return isWindows ? change(text.replaceAll('\r\n', '\n')).replaceAll('\n', '\r\n') : change(text);
}

async function refuseNewMistakes(project: Project, { file, made }: ChangeRequest, before: string, after: string) {
  const { problems, pipeline } = await readWith(project, file, after);
  const known = new Set(problems.length === 0 ? [] : (await readWith(project, file, before)).problems.map(keyOf));
  const fresh = problems.filter((problem) => !known.has(keyOf(problem)));
  if (fresh.length > 0) throw invalidFile(fresh, 'Nothing was written; lines and columns are those it would have.');
  if (problems.length > 0) return;
  const stages = pipeline.stages.filter(made);
  if (stages.length === 0) return;
  checkTogether(pipeline, stages, project);
  await checkOutputsOnDisk(project, stages);
}

function checkTogether(pipeline: Pipeline, made: readonly Stage[], project: Project): void {
  checkPaths(made, project.readLockfile());
  buildGraph(pipeline);
}

function readWith({ root }: Project, file: string, text: string): Promise<PipelineFileReading> {
  const read = async (path: string) => (path === file ? Buffer.from(text) : readFileIfThere(join(root, path)));
  const first = file === PIPELINE_FILE ? text : (readTextFile(join(root, PIPELINE_FILE)) ?? '');
  return readPipelineFile(first, PIPELINE_FILE, read);
}

function keyOf({ file, message }: Problem): string {
  return `${file}\n${message}`;
}

function linesBetween(before: string, after: string): Omit<TextChange, 'file'> {
  const [old, now] = [before.split('\n'), after.split('\n')];
  let first = 0;
  while (first < old.length && first < now.length && old[first] === now[first]) first++;
  let last = 0;
  const most = Math.min(old.length, now.length) - first;
  while (last < most && old[old.length - 1 - last] === now[now.length - 1 - last]) last++;
  return { line: first + 1, removed: old.slice(first, old.length - last), added: now.slice(first, now.length - last) };
}
