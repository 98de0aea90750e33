import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { createPipelineProject, outcomesOf } from '../../support/pipeline-project.ts';
import { createRandom } from '../../support/random.ts';
import { BINARY } from '../../support/run-binary.ts';
import { GIT_ENV } from '../../support/sandbox.ts';

// A kill each. MLOPS_ROUNDS=50 is the long form.
const ROUNDS = Number(process.env['MLOPS_ROUNDS'] ?? 2);
const STAGES = 100;
const PIPELINE = `stages:\n${Array.from({ length: STAGES }, (_, at) => {
  const above = at % 10 === 0 ? 'in' : `o${at - 1}`;
  return `  s${at}: { cmd: "cat ${above} > o${at}; echo ${at} >> o${at}", deps: [${above}], outs: [o${at}] }\n`;
}).join('')}`;

/** Kills the real program some time after so many of its events; returns the stages that it had said to be over. */
async function killAfter(root: string, events: number, ticks: number, args: readonly string[]): Promise<string[]> {
  const env = { ...GIT_ENV, XDG_CONFIG_HOME: '/nowhere' };
  const child = spawn(process.execPath, [BINARY, 'repro', '--json', ...args], { cwd: root, env });
  const over: string[] = [];
  let seen = 0;
  for await (const line of createInterface({ input: child.stderr })) {
    const event = JSON.parse(line) as { type: string; stage?: string; outcome?: string };
    if (event.type === 'stage-finished' && event.stage !== undefined) over.push(event.stage);
    if (++seen !== events) continue;
    for (let tick = 0; tick < ticks; tick++) await new Promise(setImmediate);
    child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return over;
}

test.each(Array.from({ length: ROUNDS }, (_, at) => at + 1))(
  'killed anywhere in a hundred stages, the lockfile holds every stage that was over, and the next run ends as an undisturbed one (seed %i)',
  { timeout: 60_000 },
  async (seed) => {
    const random = createRandom(seed);
    const args = random.pick([[], ['-j', '2'], ['-j', '4']]);
    const [project, undisturbed] = await Promise.all([
      createPipelineProject(PIPELINE, { in: '1\n' }),
      createPipelineProject(PIPELINE, { in: '1\n' }),
    ]);
    // The second time over outputs that are there already.
    for (const text of ['1\n', '2\n']) {
      await project.write({ in: text });
      const over = await killAfter(
        project.root,
        1 + Math.floor(random.next() * 2 * STAGES),
        Math.floor(random.next() * 200),
        args,
      );
      const { stages } = (await project.open()).readLockfile();
      expect(over.filter((stage) => !Object.hasOwn(stages, stage))).toEqual([]);
      const next = outcomesOf(await project.repro());
      expect(over.filter((stage) => next[stage] !== 'up-to-date')).toEqual([]);
    }
    await undisturbed.write({ in: '2\n' });
    await undisturbed.repro();
    expect(await project.read('.mlops.lock.yaml')).toBe(await undisturbed.read('.mlops.lock.yaml'));
    for (let at = 0; at < STAGES; at++) expect(await project.read(`o${at}`)).toBe(await undisturbed.read(`o${at}`));
  },
);
