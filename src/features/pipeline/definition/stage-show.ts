import type { Output, Stage } from '../../../core/stage.ts';
import { type Json, toJson } from '../../../core/value.ts';
import type { Project } from '../../../project/project.ts';
import { stagesOfTargets } from '../targets.ts';
import { buildGraph } from './graph.ts';

/** The document of `stage show`: a stage as it is understood, paths from the root, defaults filled in. */
export interface StageShown {
  readonly stages: readonly {
    readonly stage: string;
    readonly file: string;
    readonly line: number;
    /** `command`, or the name of the built-in stage. */
    readonly runner: string;
    readonly cmd: readonly string[];
    readonly shell: string | null;
    readonly wdir: string;
    readonly deps: readonly string[];
    readonly params: readonly { readonly file: string; readonly names: readonly string[] | null }[];
    readonly env: readonly string[];
    readonly outs: readonly Pick<Output, 'path' | 'role' | 'cache' | 'persist' | 'push' | 'remote'>[];
    readonly settings: Json;
    readonly timeoutMilliseconds: number | null;
    readonly retries: number;
    readonly resources: Readonly<Record<string, number>>;
    readonly mutex: readonly string[];
    readonly frozen: boolean;
    readonly alwaysChanged: boolean;
    readonly desc: string | null;
    readonly meta: Json;
    /** The stages that it reads from, and those that read from it. */
    readonly upstream: readonly string[];
    readonly downstream: readonly string[];
  }[];
}

/** All that the pipeline says of the stages that targets name. */
export async function showStages(project: Project, targets: readonly string[]): Promise<StageShown> {
  const graph = buildGraph(await project.pipeline());
  const chosen = new Set(stagesOfTargets(graph.stages, targets, project));
  return {
    stages: graph.stages
      .filter(({ name }) => chosen.has(name))
      .map((stage) => ({
        ...shown(stage),
        upstream: graph.upstream.get(stage.name) ?? [],
        downstream: graph.downstream.get(stage.name) ?? [],
      })),
  };
}

function shown(stage: Stage) {
  const { runner, shell, wdir, params, env, timeoutMilliseconds, retries, resources, mutex, frozen, desc } = stage;
  return {
    stage: stage.name,
    file: stage.place.file,
    line: stage.place.line,
    runner,
    cmd: stage.scripts,
    shell,
    wdir,
    deps: stage.dependencies,
    params,
    env,
    outs: stage.outputs.map(({ path, role, cache, persist, push, remote }) => ({
      path,
      role,
      cache,
      persist,
      push,
      remote,
    })),
    settings: toJson(stage.settings),
    timeoutMilliseconds,
    retries,
    resources,
    mutex,
    frozen,
    alwaysChanged: stage.alwaysChanged,
    desc,
    meta: toJson(stage.meta),
  };
}
