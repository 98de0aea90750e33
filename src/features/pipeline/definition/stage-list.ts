import { BUILT_INS } from '../../../core/built-in/index.ts';
import type { Stage } from '../../../core/stage.ts';
import type { Project } from '../../../project/project.ts';
import { globReaches, overlaps } from '../../../core/overlap.ts';
import { isPattern } from '../../../stores/documents/project-path.ts';
import { drawDot, drawMermaid, drawText, type Drawing } from './draw.ts';
import { buildGraph, type Graph, orderStages } from './graph.ts';
import { stagesOfTargets } from '../targets.ts';

/** The document of `stage list`. */
export interface StageList {
  readonly stages: readonly {
    readonly stage: string;
    /** The scripts, or the name of the built-in stage. */
    readonly cmd: string | readonly string[];
    readonly deps: readonly string[];
    readonly outs: readonly string[];
    readonly desc: string | null;
    readonly frozen: boolean;
  }[];
}

/** The stages of the pipeline, in the order of the file, or those that targets name. */
export async function listStages(project: Project, targets: readonly string[] = []): Promise<StageList> {
  const { stages } = await project.pipeline();
  const chosen = new Set(stagesOfTargets(stages, targets, project));
  const listed = stages.filter(({ name }) => chosen.has(name));
  return {
    stages: listed.map((stage) => ({
      stage: stage.name,
      cmd: commandOf(stage),
      deps: stage.dependencies,
      outs: stage.outputs.map(({ path }) => path),
      desc: stage.desc,
      frozen: stage.frozen,
    })),
  };
}

/** The document of `dag`: stages, or with `outs` what they write. */
export interface GraphDrawing extends Drawing {
  /** As text for a terminal or for another program. */
  draw(form: 'text' | 'mermaid' | 'dot'): string;
}

/** The graph above some targets, or all of it. */
export async function pipelineGraph(
  project: Project,
  { targets, outs }: { readonly targets: readonly string[]; readonly outs: boolean },
): Promise<GraphDrawing> {
  const graph = buildGraph(await project.pipeline());
  const chosen = stagesOfTargets(graph.stages, targets, project);
  const stages = orderStages(graph, chosen, { single: false, downstream: false });
  const drawing = outs ? outputGraph(graph, stages) : stageGraph(graph, stages);
  const draw = { text: drawText, mermaid: drawMermaid, dot: drawDot };
  return { ...drawing, draw: (form) => draw[form](drawing) };
}

function stageGraph({ upstream }: Graph, stages: readonly Stage[]): Drawing {
  const nodes = stages.map(({ name }) => name);
  const chosen = new Set(nodes);
  const above = (name: string) => (upstream.get(name) ?? []).filter((from) => chosen.has(from));
  return { nodes, edges: nodes.flatMap((to) => above(to).map((from) => ({ from, to }))) };
}

/** What a stage writes follows from each output that it reads. */
function outputGraph({ upstream }: Graph, stages: readonly Stage[]): Drawing {
  const byName = new Map(stages.map((stage) => [stage.name, stage]));
  const edges = stages.flatMap((stage) => {
    const above = (upstream.get(stage.name) ?? []).flatMap((name) => byName.get(name)?.outputs ?? []);
    const read = above.map(({ path }) => path).filter((path) => reads(stage, path));
    return read.flatMap((from) => stage.outputs.map(({ path: to }) => ({ from, to })));
  });
  return { nodes: stages.flatMap(({ outputs }) => outputs.map(({ path }) => path)), edges };
}

function reads({ dependencies, params }: Stage, output: string): boolean {
  const paths = [...dependencies, ...params.map(({ file }) => file)];
  return paths.some((path) => (isPattern(path) ? globReaches(path, output) : overlaps(path, output)));
}

function commandOf({ runner, scripts }: Stage): string | readonly string[] {
  const builtIn = BUILT_INS.find((name) => name === runner);
  if (builtIn !== undefined) return builtIn;
  return scripts.length === 1 ? (scripts[0] ?? '') : scripts;
}
