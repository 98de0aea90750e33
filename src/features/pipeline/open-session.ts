import { randomBytes } from 'node:crypto';
import type { Pipeline } from '../../core/pipeline.ts';
import type { StageOutcome } from '../../core/run.ts';
import type { Stage } from '../../core/stage.ts';
import type { Project } from '../../project/project.ts';
import { buildGraph, orderStages } from './definition/graph.ts';
import { createTurns } from './run/in-turn.ts';
import { checkOutputsOnDisk, checkPaths } from './definition/laws.ts';
import { checkParams } from './definition/params-laws.ts';
import { createRecorder } from './run/recorder.ts';
import type { ReproRequest } from './request.ts';
import type { Session } from './session.ts';
import { checkResources } from './run/tokens.ts';
import { stagesOfTargets } from './targets.ts';
import { openFiles } from './decision/workspace.ts';

/** The stages that a request is about, with what they share. `texts` stand in for files that are changed first. */
export async function openSession(
  project: Project,
  request: ReproRequest,
  texts: ReadonlyMap<string, string> = new Map(),
): Promise<{ session: Session; stages: Stage[] }> {
  const pipeline = texts.size === 0 ? await project.pipeline() : await changedPipeline(project, texts);
  const lockfile = project.readLockfile();
  checkPaths(pipeline.stages, lockfile);
  checkResources(pipeline.stages, project.config.resources);
  const graph = buildGraph(pipeline);
  const stages = orderStages(graph, stagesOfTargets(graph.stages, request.targets, project), request);
  const files = await openFiles(project, request.dryRun ? texts : new Map());
  await checkParams(stages, { files, texts, writers: graph.stages, lockfile });
  await checkOutputsOnDisk(project, stages);
  const run = runId(project.now());
  let prepared: Promise<{ dirty: boolean }> | undefined;
  const prepare = async () => ({ dirty: (await project.git?.isDirty()) ?? false });
  const session: Session = {
    project,
    files,
    graph,
    request,
    run,
    lockfile,
    changedFiles: new Set<string>(),
    inTurn: createTurns(),
    recorder: createRecorder(() => session),
    begun: new Set<string>(),
    outcomes: new Map<string, StageOutcome>(),
    prepare: () => (prepared ??= prepare()),
  };
  return { session, stages };
}

/** A changed param may stand in a `${}`. */
async function changedPipeline(project: Project, texts: ReadonlyMap<string, string>): Promise<Pipeline> {
  const { pipelineWith } = await import('./definition/set-params.ts');
  return pipelineWith(project, texts);
}

/** Sorts by start, to the millisecond, which are the first three digits at the end: `20301231T235959Z-3e71a2b`. */
function runId(now: Date): string {
  const milliseconds = now.getUTCMilliseconds().toString(16).padStart(3, '0');
  return `${now.toISOString().replace(/[-:]|\.\d+/g, '')}-${milliseconds}${randomBytes(2).toString('hex')}`;
}
