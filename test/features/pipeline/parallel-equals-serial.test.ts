import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPipelineProject, outcomesOf } from '../../support/pipeline-project.ts';

interface RandomStage {
  /** Stages before it, by their distance. */
  readonly reads: readonly number[];
  readonly source: number;
  readonly fails: boolean;
  readonly limits: string;
}

type Edit = { readonly source: number } | { readonly heal: number } | { readonly lose: number };

const stage = fc.record({
  reads: fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { maxLength: 2 }),
  source: fc.integer({ min: 0, max: 2 }),
  fails: fc.integer({ min: 0, max: 6 }).map((dice) => dice === 0),
  limits: fc.constantFrom('', ', mutex: [disk]', ', resources: { gpu: 1 }', ', resources: { gpu: 2 }'),
});
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ source: fc.integer({ min: 0, max: 2 }) }),
  fc.record({ heal: fc.integer({ min: 0, max: 7 }) }),
  fc.record({ lose: fc.integer({ min: 0, max: 7 }) }),
);

// A stage that fails writes half of its output first.
function textOf(stages: readonly RandomStage[], healed: ReadonlySet<number>): string {
  const lines = stages.map(({ reads, source, fails, limits }, at) => {
    const deps = [`in${source}`, ...reads.filter((back) => back <= at).map((back) => `out/${at - back}/o`)];
    const end = fails && !healed.has(at) ? '; exit 3' : '';
    return `  s${at}: { cmd: "cat ${deps.join(' ')} > out/${at}/o; echo ${at} >> out/${at}/o${end}", deps: [${deps.join(', ')}], outs: [out/${at}/o]${limits} }`;
  });
  return `resources: { gpu: 2 }\nstages:\n${lines.join('\n')}\n`;
}

/** One pipeline in two projects; every step is done in both, one stage at a time and four. */
async function compare(stages: readonly RandomStage[], edits: readonly Edit[]): Promise<void> {
  const healed = new Set<number>();
  const create = () => createPipelineProject(textOf(stages, healed), { in0: '0\n', in1: '0\n', in2: '0\n' });
  const projects = [await create(), await create()] as const;
  const paths = ['.mlops.lock.yaml', ...stages.map((_, at) => `out/${at}/o`)];
  for (let step = 0; ; step++) {
    const states = [];
    for (const [at, project] of projects.entries()) {
      const result = await project.repro({ keepGoing: true, jobs: at === 0 ? 1 : 4 });
      const contents = paths.map((path) =>
        existsSync(project.path(path)) ? readFileSync(project.path(path), 'utf8') : null,
      );
      const { failures, changedFiles } = result;
      states.push({ outcomes: outcomesOf(result), failures, changedFiles, contents });
    }
    expect(states[1]).toEqual(states[0]);

    const next = edits[step];
    if (next === undefined) return;
    if ('heal' in next) healed.add(next.heal);
    for (const project of projects) {
      if ('source' in next) await project.write({ [`in${next.source}`]: `${step + 1}\n` });
      else if ('lose' in next) await rm(project.path(`out/${next.lose}/o`), { force: true });
      else await project.write({ '.mlops.yaml': textOf(stages, healed) });
    }
  }
}

test(
  'parallel equals serial: outcomes, failures, outputs and the bytes of the lockfile',
  { timeout: 60_000 },
  async () => {
    const pipelines = fc.array(stage, { minLength: 2, maxLength: 8 });
    await fc.assert(fc.asyncProperty(pipelines, fc.array(edit, { maxLength: 3 }), compare), { numRuns: 20 });
  },
);
