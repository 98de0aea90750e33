import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { createPipelineProject } from '../../support/pipeline-project.ts';
import { BINARY, runBinary } from '../../support/run-binary.ts';
import { GIT_ENV } from '../../support/sandbox.ts';

const chain = (name: string) =>
  Array.from({ length: 8 }, (_, at) => {
    const above = at === 0 ? 'in' : `${name}${at - 1}`;
    return `  ${name}${at}: { cmd: "cat ${above} > ${name}${at}; echo '{ \\"n\\": ${at} }' > m-${name}${at}.json", deps: [${above}], outs: [${name}${at}], metrics: [m-${name}${at}.json] }\n`;
  }).join('');

test(
  'two runs of disjoint targets, status, metrics and push in one clone at any time all succeed',
  { timeout: 60_000 },
  async () => {
    const project = await createPipelineProject(
      `remote: r\nremotes: { r: { url: .remote } }\nstages:\n${chain('a')}${chain('b')}`,
      { in: '1\n' },
    );
    const runs = [
      runBinary(project.root, ['repro', 'a7', '--json']),
      runBinary(project.root, ['repro', 'b7', '--json']),
    ];
    const state = { isOver: false };
    const both = Promise.all(runs).finally(() => (state.isOver = true));
    const questions = [['status'], ['metrics', 'show'], ['push'], ['repro', '--dry-run']].map(async (args) => {
      const codes = new Set<string>();
      while (!state.isOver) {
        const { exitCode, err } = await runBinary(project.root, [...args, '--json']);
        codes.add(exitCode === 0 ? '0' : `${args.join(' ')}: ${exitCode} ${err}`);
      }
      return [...codes];
    });
    expect((await both).map(({ exitCode, err }) => (exitCode === 0 ? '0' : err))).toEqual(['0', '0']);
    expect((await Promise.all(questions)).flat().filter((code) => code !== '0')).toEqual([]);
    const { json } = await runBinary(project.root, ['repro', '--json']);
    const outcomes = json<{ stages: { outcome: string }[] }>().stages.map(({ outcome }) => outcome);
    expect(new Set(outcomes)).toEqual(new Set(['up-to-date']));
  },
);

// `a` goes on when the other command was heard to wait for it.
const HELD =
  'stages: { a: { cmd: "echo ready; until test -e go; do sleep 0.02; done; cp in o", deps: [in], outs: [o] } }';

test(
  'what needs the same output waits, saying for whom, and does not do the work again; with --no-wait it exits with 6',
  { timeout: 60_000 },
  async () => {
    const project = await createPipelineProject(HELD, { in: '1' });
    const first = start(project.root);
    for await (const line of first.lines) if (line.includes('"ready"')) break;
    expect((await runBinary(project.root, ['repro', '--no-wait'])).exitCode).toBe(6);
    const second = start(project.root);
    for await (const line of second.lines) {
      if (!line.includes('"waiting"')) continue;
      expect(line).toContain(String(first.child.pid));
      break;
    }
    await project.write({ go: '' });
    const [[one], [two]] = await Promise.all([once(first.child, 'close'), once(second.child, 'close')]);
    expect([one, two]).toEqual([0, 0]);
    expect(JSON.parse(second.out()).stages).toMatchObject([{ outcome: 'up-to-date' }]);
  },
);

test('an owner that died is noticed: nobody waits for it', { timeout: 60_000 }, async () => {
  const project = await createPipelineProject(HELD, { in: '1' });
  const first = start(project.root);
  for await (const line of first.lines) if (line.includes('"ready"')) break;
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  await project.write({ go: '' });
  const { exitCode } = await runBinary(project.root, ['repro', '--no-wait']);
  expect(exitCode).toBe(0);
});

function start(root: string) {
  const child = spawn(process.execPath, [BINARY, 'repro', '--json'], {
    cwd: root,
    env: { ...GIT_ENV, XDG_CONFIG_HOME: '/nowhere' },
  });
  let text = '';
  child.stdout.on('data', (part: Buffer) => (text += part.toString()));
  return { child, lines: createInterface({ input: child.stderr }), out: () => text };
}
