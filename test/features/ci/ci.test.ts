import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createCliProject } from '../../support/cli-project.ts';
import { runMlops } from '../../support/run-mlops.ts';
import { createFolder } from '../../support/sandbox.ts';

const PIPELINE = `stages:
  train:
    cmd: cp params.yaml metrics.yaml
    params: [accuracy]
    deps: [raw.csv]
    metrics: [metrics.yaml]
gates:
  - { metric: "metrics.yaml:accuracy", min: 0.5, maxDrop: 0.1 }
`;

/** A project that is fit to be merged: run, pushed and committed. */
async function createMerged() {
  const remote = await createFolder();
  const project = await createCliProject({
    '.mlops.yaml': PIPELINE,
    'params.yaml': 'accuracy: 0.9\n',
    'raw.csv': 'a\n',
  });
  const git = (...args: string[]) => execFileSync('git', args, { cwd: project.root });
  await project.mlops('remote', 'add', '-d', 'origin', remote);
  await project.mlops('add', 'raw.csv');
  await project.mlops('repro');
  await project.mlops('push');
  git('add', '.');
  git('commit', '-qm', 'first');
  return { ...project, remote, git };
}

interface Document {
  readonly ok: boolean;
  readonly checks: readonly { check: string; ok: boolean | null; hint: string | null }[];
}

test('what is run, pushed and within its gates is fit to be merged', async () => {
  const { mlops } = await createMerged();
  expect(await mlops('ci', 'check')).toMatchObject({ exitCode: 0 });
  expect((await mlops('ci', 'check')).out).toBe(`ok  The data is what the lockfile says.
ok  Every stage is up to date.
ok  Everything is on remote origin.
ok  All 2 gates hold.
`);
});

test.each([
  ['data', async ({ write }: Awaited<ReturnType<typeof createMerged>>) => write({ 'raw.csv': 'b\n' })],
  [
    'stages',
    async ({ write }: Awaited<ReturnType<typeof createMerged>>) => write({ 'params.yaml': 'accuracy: 0.8\n' }),
  ],
  [
    'remote',
    async ({ remote }: Awaited<ReturnType<typeof createMerged>>) => rmSync(`${remote}/v1`, { recursive: true }),
  ],
  [
    'gates',
    async ({ write }: Awaited<ReturnType<typeof createMerged>>) => write({ 'metrics.yaml': 'accuracy: 0.6\n' }),
  ],
])('%s that is not fit is exit 9, with what to do', async (check, spoil) => {
  const project = await createMerged();
  await spoil(project);
  const { exitCode } = await project.mlops('ci', 'check');
  const { ok, checks } = (await project.mlops('ci', 'check', '--json')).json<Document>();
  expect({ exitCode, ok }).toEqual({ exitCode: 9, ok: false });
  expect(checks.find((one) => one.check === check)).toMatchObject({
    ok: false,
    hint: expect.stringContaining('mlops'),
  });
});

test('a project without data, stages, remotes and gates has nothing against it', async () => {
  const { mlops } = await createCliProject();
  const { ok, checks } = (await mlops('ci', 'check', '--json')).json<Document>();
  expect([ok, ...checks.map((one) => one.ok)]).toEqual([true, null, null, null, null]);
});

test('a report says the verdict, what changed, and how to have the same', async () => {
  const { mlops, write, read } = await createMerged();
  await write({ 'params.yaml': 'accuracy: 0.95\n' });
  await mlops('repro');
  await mlops('push');
  const { out, exitCode } = await mlops('ci', 'report', '--out', 'report.md');
  expect(exitCode).toBe(0);
  expect(out).toMatch(/^## ✅ Fit to merge\n\nCompared with `HEAD` at `[0-9a-f]{10}`\./);
  expect(out).toContain('| metrics.yaml | accuracy | 0.9 | 0.95 | +0.05 |');
  expect(out).toContain('- ✅ `metrics.yaml:accuracy` is 0.95, and has to be at least 0.5');
  expect(out).toContain('| params.yaml | accuracy | 0.9 | 0.95 | +0.05 |');
  expect(out).toContain('```mermaid\n');
  expect(out).toMatch(/git checkout [0-9a-f]{40}\nmlops pull\nmlops repro/);
  expect(await read('report.md')).toBe(out);
});

test('in GitHub Actions it is added to the summary, and compares with the branch of the pull request', async () => {
  const { mlops, root, write, read, path, git } = await createMerged();
  git('update-ref', 'refs/remotes/origin/main', 'HEAD');
  await write({ 'summary.md': '# Job\n' });
  const env = { GITHUB_STEP_SUMMARY: path('summary.md'), GITHUB_BASE_REF: 'main' };
  expect((await runMlops({ cwd: root, env }, 'ci', 'report')).exitCode).toBe(0);
  expect(await read('summary.md')).toMatch(/^# Job\n## ✅ Fit to merge\n\nCompared with `origin\/main`/);
  expect(await mlops('ci', 'report', '--base', 'nothing')).toMatchObject({ exitCode: 2 });
});

test('a failing gate is named in the report, which ends with 9', async () => {
  const { mlops, write } = await createMerged();
  await write({ 'params.yaml': 'accuracy: 0.4\n' });
  await mlops('repro');
  const { out, exitCode } = await mlops('ci', 'report');
  expect(exitCode).toBe(9);
  expect(out).toContain('## ❌ Not fit to merge');
  expect(out).toContain('- ❌ `metrics.yaml:accuracy` went from 0.9 to 0.4, and may fall by 0.1 at most');
});
