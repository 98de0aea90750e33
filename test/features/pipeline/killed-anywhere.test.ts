import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { createPipelineProject, outcomesOf } from '../../support/pipeline-project.ts';
import { BINARY } from '../../support/run-binary.ts';
import { GIT_ENV } from '../../support/sandbox.ts';

const STAGES = 40;
const PIPELINE = `stages:\n${Array.from({ length: STAGES }, (_, at) => {
  const above = at === 0 ? 'in' : `o${at - 1}`;
  return `  s${at}: { cmd: "cat ${above} > o${at}; echo ${at} >> o${at}", deps: [${above}], outs: [o${at}] }\n`;
}).join('')}`;

/** Kills the real program after so many of its events; returns the stages that it had said to be over. */
async function killAfter(root: string, events: number, args: readonly string[]): Promise<string[]> {
  const env = { ...GIT_ENV, XDG_CONFIG_HOME: '/nowhere' };
  const child = spawn(process.execPath, [BINARY, 'repro', '--json', ...args], { cwd: root, env });
  const over: string[] = [];
  let seen = 0;
  for await (const line of createInterface({ input: child.stderr })) {
    const event = JSON.parse(line) as { type: string; stage?: string; outcome?: string };
    if (event.type === 'stage-finished' && event.stage !== undefined) over.push(event.stage);
    if (++seen === events) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return over;
}

test.each([
  [2, []],
  [7, []],
  [23, []],
  [41, ['-j', '2']],
  [60, []],
] as const)(
  'killed after %i events, the lockfile holds every stage that was over, and the next run ends as an undisturbed one',
  async (events, args) => {
    const [project, undisturbed] = await Promise.all([
      createPipelineProject(PIPELINE, { in: '1\n' }),
      createPipelineProject(PIPELINE, { in: '1\n' }),
    ]);
    const over = await killAfter(project.root, events, args);
    const { stages } = (await project.open()).readLockfile();
    expect(over.filter((stage) => !Object.hasOwn(stages, stage))).toEqual([]);
    const next = outcomesOf(await project.repro());
    expect(over.filter((stage) => next[stage] !== 'up-to-date')).toEqual([]);
    await undisturbed.repro();
    expect(await project.read('.mlops.lock.yaml')).toBe(await undisturbed.read('.mlops.lock.yaml'));
    expect(await project.read(`o${STAGES - 1}`)).toBe(await undisturbed.read(`o${STAGES - 1}`));
  },
);
