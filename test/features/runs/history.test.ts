import { rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createCliProject } from '../../support/cli-project.ts';
import { sqliteMissing } from '../../support/sqlite.ts';

const PIPELINE = `stages:
  train:
    cmd: cp params.yaml metrics.yaml
    params: [accuracy, loss]
    metrics: [metrics.yaml]
`;

/** A project with a run for each accuracy. */
async function createHistory(...accuracies: number[]) {
  const project = await createCliProject({ '.mlops.yaml': PIPELINE });
  for (const accuracy of accuracies) {
    await project.write({ 'params.yaml': `accuracy: ${accuracy}\nloss: ${1 - accuracy}\n` });
    expect((await project.mlops('repro')).exitCode).toBe(0);
  }
  const accuracyOf = (run: { metrics: Record<string, number> }) => run.metrics['metrics.yaml:accuracy'];
  const list = async (...words: string[]) => {
    const result = await project.mlops('runs', 'list', '--json', ...words);
    return result.json<{ runs: { id: string; metrics: Record<string, number> }[]; total: number }>();
  };
  return { ...project, list, accuracies: async (...words: string[]) => (await list(...words)).runs.map(accuracyOf) };
}

describe.skipIf(sqliteMissing !== null)('runs', () => {
  test('are filtered and sorted by a metric, with its file or without', async () => {
    const { accuracies } = await createHistory(0.25, 0.75, 0.5);
    expect(await accuracies()).toEqual([0.5, 0.75, 0.25]);
    expect(await accuracies('--where', 'accuracy >= 0.5')).toEqual([0.5, 0.75]);
    expect(await accuracies('--where', 'accuracy>=0.5', '--where', 'metrics.yaml:loss > 0.3')).toEqual([0.5]);
    expect(await accuracies('--sort', 'accuracy')).toEqual([0.75, 0.5, 0.25]);
    expect(await accuracies('--sort', 'loss', '--ascending', '--limit', '2')).toEqual([0.75, 0.5]);
    expect(await accuracies('--where', 'nothing > 0')).toEqual([]);
  });

  test('a list says how many more there are, and shows the columns that were asked for', async () => {
    const { mlops, list } = await createHistory(0.25, 0.75);
    expect((await list('--limit', '1')).total).toBe(2);
    const { out } = await mlops('runs', 'list', '--limit', '1', '--columns', 'accuracy,params.yaml:loss,nothing');
    expect(out).toMatch(/stages +accuracy +params.yaml:loss +nothing\n.* 0\.75 +0\.25 +-\n… and 1 more: --limit 2\n$/);
    expect((await mlops('runs', 'list', '--csv', '--columns', 'accuracy')).out.split('\n')[1]).toMatch(/,train,0\.75$/);
  });

  test('two are compared: the newest with the one before, or those that are named', async () => {
    const { mlops, list } = await createHistory(0.25, 0.75, 0.5);
    const [newest, , oldest] = (await list()).runs;
    const names = (document: { params: { name: string }[] }) => document.params.map(({ name }) => name);
    const diff = (await mlops('runs', 'diff', '--json')).json<{ params: { name: string }[]; metrics: object[] }>();
    expect(names(diff)).toEqual(['params.yaml:accuracy', 'params.yaml:loss']);
    expect(diff.metrics[0]).toEqual({ name: 'metrics.yaml:accuracy', before: 0.75, after: 0.5, delta: -0.25 });
    expect((await mlops('runs', 'diff', oldest?.id ?? '')).out).toContain(`${oldest?.id}  ${newest?.id}`);
    expect((await mlops('runs', 'diff', newest?.id ?? '')).out).toContain('the same params and metrics');
    expect((await mlops('runs', 'diff', 'nothing')).exitCode).toBe(2);
  });

  test('the history comes back by itself when it was deleted, and by rebuild when it is damaged', async () => {
    const { mlops, list, path } = await createHistory(0.25, 0.75);
    const before = await list();
    for (const suffix of ['', '-wal', '-shm']) rmSync(path(`.mlops/runs.db${suffix}`), { force: true });
    expect(await list()).toEqual(before);
    for (const suffix of ['-wal', '-shm']) rmSync(path(`.mlops/runs.db${suffix}`), { force: true });
    writeFileSync(path('.mlops/runs.db'), 'no database'.repeat(1000));
    expect(await mlops('runs', 'list')).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('mlops runs rebuild'),
    });
    expect((await mlops('runs', 'rebuild')).out).toBe('Rebuilt the history of 2 runs.\n');
    expect(await list()).toEqual(before);
  });

  test('a damaged record is left out, and nothing else', async () => {
    const { mlops, list, path } = await createHistory(0.25, 0.75);
    const [newest, oldest] = (await list()).runs;
    rmSync(path('.mlops/runs.db'));
    writeFileSync(path(`.mlops/runs/${newest?.id}.json`), '{ "id": ');
    expect((await mlops('runs', 'rebuild')).out).toBe('Rebuilt the history of 1 run.\n');
    expect((await list()).runs).toEqual([oldest]);
  });

  test('old ones are forgotten with their logs, once someone said so', async () => {
    const { mlops, list, exists } = await createHistory(0.25, 0.75, 0.5);
    const [newest, , oldest] = (await list()).runs;
    expect((await mlops('runs', 'prune')).exitCode).toBe(2);
    expect((await mlops('runs', 'prune', '--keep', '1')).exitCode).toBe(2);
    expect((await mlops('runs', 'prune', '--keep', '1', '-n')).out).toContain('Would forget 2 runs; 1 run stays');
    expect((await list()).total).toBe(3);
    expect((await mlops('runs', 'prune', '--keep', '1', '-y')).exitCode).toBe(0);
    expect((await list()).runs).toEqual([newest]);
    expect(exists(`.mlops/logs/${oldest?.id}`)).toBe(false);
    await mlops('runs', 'rebuild');
    expect((await list()).total).toBe(1);
    expect((await mlops('runs', 'prune', '--before', '2026-01-01', '-y')).out).toBe(
      'Nothing to forget: 1 run stays.\n',
    );
  });

  test('a run says what it ran on', async () => {
    const { mlops } = await createHistory(0.25);
    expect((await mlops('runs', 'show')).out).toMatch(/on \w+ \w+, Node \d+\.\d+\.\d+, \d+ cores/);
  });

  test.each(['accuracy', 'accuracy > much', '> 3'])('%s is no condition', async (text) => {
    const { mlops } = await createHistory();
    expect(await mlops('runs', 'list', '--where', text)).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('accuracy >= 0.9'),
    });
  });
});
