import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { createPipelineProject, outcomesOf } from '../../support/pipeline-project.ts';

const STAGES = 5;
const STEPS = 14;

/** What a dry run said → what may then happen. */
const ALLOWED: Record<string, readonly string[]> = {
  'would-run': ['ran'],
  'would-restore': ['restored'],
  'up-to-date': ['up-to-date'],
  'may-run': ['ran', 'restored', 'up-to-date'],
};

// Each stage writes what it reads, one behind the other, so that every output can be told from the sources alone.
test.each([1, 2, 3, 4, 5, 6])(
  'what a dry run says is what happens, and outputs are never old (seed %i)',
  async (seed) => {
    const random = createRandom(seed);
    const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
    const sources: Record<string, string> = { x: '0\n', y: '0\n', z: '0\n' };
    const reads = Array.from({ length: STAGES }, (_, at) => readsOf(at, pick));
    const params = Array.from({ length: STAGES }, () => 0);

    const pipelineText = () => {
      const stages = reads.map((paths, at) => {
        const command = `cat ${paths.join(' ')} > o${at}; echo \${p${at}} >> o${at}`;
        return `  s${at}: { cmd: "${command}", deps: [${paths.join(', ')}], outs: [o${at}] }\n`;
      });
      return `stages:\n${stages.join('')}`;
    };
    const paramsText = () => params.map((value, at) => `p${at}: ${value}\n`).join('');
    const expected = (path: string): string => {
      const at = /^o(\d)$/.exec(path)?.[1];
      if (at === undefined) return sources[path] ?? '';
      return `${(reads[Number(at)] ?? []).map(expected).join('')}${params[Number(at)]}\n`;
    };

    const project = await createPipelineProject(pipelineText(), { ...sources, 'params.yaml': paramsText() });
    const edits = [
      async () => void (sources[pick(['x', 'y', 'z'])] = `${pick([0, 1, 2])}\n`),
      async () => void (params[pick([0, 1, 2, 3, 4])] = pick([0, 1])),
      async () => {
        const at = pick([0, 1, 2, 3, 4]);
        reads[at] = readsOf(at, pick);
      },
      async () => rm(project.path(`o${pick([0, 1, 2, 3, 4])}`), { force: true }),
      async () => project.write({ [`o${pick([0, 1, 2, 3, 4])}`]: 'by hand\n' }),
      async () => rm(project.path('.mlops/run-cache'), { recursive: true, force: true }),
    ];

    for (let step = 0; step < STEPS; step++) {
      await pick(edits)();
      await project.write({ ...sources, '.mlops.yaml': pipelineText(), 'params.yaml': paramsText() });
      const said = outcomesOf(await project.repro({ dryRun: true }));
      const done = await project.repro();
      expect(done.failures).toEqual([]);
      const surprises = Object.entries(outcomesOf(done)).filter(([stage, outcome]) => {
        return !ALLOWED[said[stage] ?? '']?.includes(outcome);
      });
      expect(surprises.map(([stage, outcome]) => `step ${step}: ${stage} ${said[stage]} → ${outcome}`)).toEqual([]);
      for (let at = 0; at < STAGES; at++) expect(await project.read(`o${at}`)).toBe(expected(`o${at}`));
      expect(new Set(Object.values(outcomesOf(await project.repro())))).toEqual(new Set(['up-to-date']));
    }
  },
);

function readsOf(at: number, pick: <T>(items: readonly T[]) => T): string[] {
  const above = Array.from({ length: at }, (_, other) => `o${other}`);
  return [...new Set([pick(['x', 'y', 'z']), pick([...above, 'x', 'y'])])];
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
