import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { createPipelineProject, outcomesOf } from '../../support/pipeline-project.ts';
import { BINARY } from '../../support/run-binary.ts';
import { GIT_ENV } from '../../support/sandbox.ts';
import { sqliteMissing } from '../../support/sqlite.ts';

// `work` tells its number, and waits for ever unless told to go on.
const PIPELINE = `
stages:
  prepare: { cmd: "cp in clean", deps: [in], outs: [clean] }
  work:
    cmd: |
      echo half > model
      echo $$ > pid
      echo ready
      until test "$GO" = 1; do sleep 0.01; done
      cp clean model
    deps: [clean]
    outs: [model]
`;

/** The real program, in the middle of the stage `work`. */
async function startAndWait(root: string): Promise<ChildProcess> {
  const env = { ...GIT_ENV, XDG_CONFIG_HOME: '/nowhere' };
  const child = spawn(process.execPath, [BINARY, 'repro', '--json'], { cwd: root, env });
  const stderr: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    stderr.push(line);
    if (line.includes('"ready"')) return child;
  }
  throw new Error(`The stage did not start: ${stderr.join('\n')}`);
}

test('killed in the middle of a stage: what was finished stays, what was there comes back, and the next run works', async () => {
  const project = await createPipelineProject(PIPELINE, { in: '1', model: 'my own' });
  const child = await startAndWait(project.root);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const orphan = Number(await project.read('pid'));
  expect(await project.read('model')).toBe('half\n');

  expect(outcomesOf(await project.repro({}, { env: { GO: '1' } }))).toEqual({ prepare: 'up-to-date', work: 'ran' });
  expect(isRunning(orphan)).toBe(false);
  expect(await project.read('model')).toBe('1');
  const { digestOf } = await import('../../../src/system/hash.ts');
  expect((await (await project.open()).cache()).has(digestOf('my own'))).toBe(true);
  expect(await project.read('.mlops/failed/work/model')).toBe('half\n');
});

test.each([0, 24])('killed in the %ith stage: that and all that it started end as well', async (length) => {
  const stages = Array.from({ length }, (_, at) => `  s${at}: { cmd: echo > o${at}, outs: [o${at}] }\n`);
  const last = `  zz: { cmd: "(exec 3> pipe; echo open; sleep 1000) & wait", outs: [never] }\n`;
  const project = await createPipelineProject(`stages:\n${stages.join('')}${last}`, {});
  execFileSync('mkfifo', [join(project.root, 'pipe')]);
  const child = spawn(process.execPath, [BINARY, 'repro', '--json'], { cwd: project.root, env: GIT_ENV });
  // Which has an end when nobody can write to it any more.
  const pipe = createReadStream(join(project.root, 'pipe')).resume();
  // What the tool has told of is past its start.
  for await (const line of createInterface({ input: child.stderr })) {
    if (line.includes('"open"')) child.kill('SIGKILL');
  }
  if (!pipe.readableEnded) await once(pipe, 'end');
  expect(child.signalCode ?? (await once(child, 'exit'))[1]).toBe('SIGKILL');
});

test.skipIf(sqliteMissing !== null).each([
  ['SIGINT', 130, 'interrupted'],
  ['SIGTERM', 143, 'terminated'],
] as const)('%s ends the stage and all it started, and exits with %i', async (signal, code, kind) => {
  const project = await createPipelineProject(PIPELINE, { in: '1', model: 'my own' });
  const child = await startAndWait(project.root);
  const lines: string[] = [];
  if (child.stderr) createInterface({ input: child.stderr }).on('line', (line) => lines.push(line));
  child.kill(signal);
  const [exitCode] = await once(child, 'close');
  expect(exitCode).toBe(code);
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ type: 'error', kind });
  expect(isRunning(Number(await project.read('pid')))).toBe(false);
  expect(await project.read('model')).toBe('my own');
  const runs = await (await project.open()).openRuns();
  expect(runs.list()).toMatchObject([{ outcome: 'interrupted' }]);
  runs.close();
});

test('a second Ctrl-C ends at once what does not listen to the first, and leaves what was there to the next command', async () => {
  const deaf = PIPELINE.replace('echo half', 'trap "echo deaf" INT TERM; echo half');
  const project = await createPipelineProject(deaf, { in: '1', model: 'my own' });
  const child = await startAndWait(project.root);
  child.kill('SIGINT');
  if (child.stderr)
    for await (const line of createInterface({ input: child.stderr })) if (line.includes('"deaf"')) break;
  child.kill('SIGINT');
  const [exitCode] = await once(child, 'exit');
  expect(exitCode).toBe(130);
  await expect.poll(async () => isRunning(Number(await project.read('pid')))).toBe(false);
  expect(outcomesOf(await project.repro({}, { env: { GO: '1' } }))).toEqual({ prepare: 'up-to-date', work: 'ran' });
});

/** A process that died and was not yet collected by its parent is not running. */
function isRunning(pid: number): boolean {
  const file = `/proc/${pid}/stat`;
  return existsSync(file) && !/\) [ZX] /.test(readFileSync(file, 'utf8'));
}
