import { BUILT_INS } from '../../../core/built-in/index.ts';
import type { Stage } from '../../../core/stage.ts';
import type { Project } from '../../../project/project.ts';
import { drawDot, drawMermaid, drawText, edgesOf, type Edge } from './draw.ts';
import { buildGraph, orderStages } from './graph.ts';
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

/** The document of `dag`. */
export interface GraphDocument {
  readonly nodes: readonly string[];
  readonly edges: readonly Edge[];
}

/** The same, able to draw itself as text for a terminal or for another program. */
export interface GraphDrawing extends GraphDocument {
  draw(form: 'text' | 'mermaid' | 'dot'): string;
}

/** The graph above some targets, or all of it. */
export async function pipelineGraph(project: Project, targets: readonly string[]): Promise<GraphDrawing> {
  const graph = buildGraph(await project.pipeline());
  const chosen = stagesOfTargets(graph.stages, targets, project);
  const nodes = orderStages(graph, chosen, { single: false, downstream: false }).map(({ name }) => name);
  const draw = { text: drawText, mermaid: drawMermaid, dot: drawDot };
  return { nodes, edges: edgesOf(graph, nodes), draw: (form) => draw[form](graph, nodes) };
}

function commandOf({ runner, scripts }: Stage): string | readonly string[] {
  const builtIn = BUILT_INS.find((name) => name === runner);
  if (builtIn !== undefined) return builtIn;
  return scripts.length === 1 ? (scripts[0] ?? '') : scripts;
}
