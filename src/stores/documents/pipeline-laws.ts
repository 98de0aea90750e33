import { foldersAbove, globMatches, overlaps } from '../../core/overlap.ts';
import type { Decoder } from './decode.ts';
import { foldPath, isPattern } from './project-path.ts';
import type { PlacedStage } from './stage-decoder.ts';

interface Written {
  readonly path: string;
  readonly stage: string;
  readonly at: number;
  readonly decoder: Decoder;
}

/** Tells what no pipeline may say: two stages with one name, and outputs that touch each other or what their own stage reads. */
export function checkLaws(stages: readonly PlacedStage[]): void {
  checkNames(stages);
  checkOutputs(stages);
  for (const stage of stages) checkOwnDependencies(stage);
}

function checkNames(stages: readonly PlacedStage[]): void {
  const first = new Map<string, PlacedStage>();
  for (const placed of stages) {
    const { stage, at, decoder } = placed;
    const before = first.get(stage.name);
    if (before === undefined) first.set(stage.name, placed);
    else decoder.problem(at, `There is a stage "${stage.name}" already, in ${lineOf(before, decoder)}.`);
  }
}

/** `line 3`, and of which file when it is another one. */
function lineOf({ decoder, at }: Pick<Written, 'decoder' | 'at'>, from: Decoder): string {
  const line = `line ${decoder.place(at).line}`;
  return decoder === from ? line : `${line} of ${decoder.file}`;
}

function checkOutputs(stages: readonly PlacedStage[]): void {
  const outputs: Written[] = stages.flatMap(({ stage, decoder, outputs: own }) =>
    own.map(({ output, at }) => ({ path: output.path, stage: stage.name, at, decoder })),
  );
  const byPath = new Map<string, Written>();
  for (const output of outputs) {
    const folded = foldPath(output.path);
    const other = byPath.get(folded);
    if (other === undefined) byPath.set(folded, output);
    else output.decoder.problem(output.at, explain(output, other, output.path === other.path ? 'same' : 'case'));
  }
  for (const output of outputs) {
    for (const folder of foldersAbove(foldPath(output.path))) {
      const other = byPath.get(folder);
      if (other !== undefined) output.decoder.problem(output.at, explain(output, other, 'inside'));
    }
  }
}

function explain(output: Written, other: Written, how: 'same' | 'case' | 'inside'): string {
  const where = lineOf(other, output.decoder);
  const whose = other.stage === output.stage ? 'this stage' : `the stage "${other.stage}"`;
  const what = `"${output.path}" of the stage "${output.stage}"`;
  if (how === 'same') return `${what} is an output of ${whose} already, in ${where}. A path has one writer.`;
  if (how === 'case')
    return `${what} and "${other.path}", an output of ${whose} in ${where}, are one file where case is ignored.`;
  return `${what} lies inside "${other.path}", an output of ${whose} in ${where}. A path has one writer.`;
}

function checkOwnDependencies({ outputs, dependencies, decoder }: PlacedStage): void {
  for (const { output, at } of outputs) {
    const own = foldPath(output.path);
    const found = dependencies.find(({ path }) => reads(foldPath(path), own));
    if (found === undefined) continue;
    const { line } = decoder.place(found.at);
    decoder.problem(
      at,
      `"${output.path}" is written by the stage that reads it: see the dependency "${found.path}" in line ${line}.`,
    );
  }
}

function reads(dependency: string, output: string): boolean {
  if (!isPattern(dependency)) return overlaps(dependency, output);
  return [output, ...foldersAbove(output)].some((path) => globMatches(dependency, path));
}
