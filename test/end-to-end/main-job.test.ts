import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReproResult } from '../../src/features/pipeline/repro.ts';
import { runBinary } from '../support/run-binary.ts';
import { type S3Server, s3Missing, startS3Server } from '../support/s3-server.ts';
import { createSandbox, GIT_ENV } from '../support/sandbox.ts';

const FIXTURES = join(import.meta.dirname, '..', '..', 'fixtures');

describe.skipIf(s3Missing !== null)(
  'the main job, from raw data to a compared metric, through a real S3 server',
  () => {
    let server: S3Server;
    beforeAll(async () => {
      server = await startS3Server();
    });
    afterAll(() => server.stop());

    test('add, repro, commit, push, change a param, compare, clone, pull, and back', async () => {
      const project = await createSandbox();
      const env = server.env;
      const mlops = async (cwd: string, ...args: string[]) => {
        const run = await runBinary(cwd, [...args, '--json'], env);
        expect(`${args.join(' ')}: exit ${run.exitCode}\n${run.exitCode === 0 ? '' : run.err}`).toBe(
          `${args.join(' ')}: exit 0\n`,
        );
        return run;
      };
      const outcomes = (result: ReproResult) => Object.fromEntries(result.stages.map((s) => [s.stage, s.outcome]));
      const git = (cwd: string, ...args: string[]) =>
        execFileSync('git', args, { cwd, env: GIT_ENV, encoding: 'utf8' });

      await mlops(project.root, 'init');
      cpSync(join(FIXTURES, 'penguins', 'penguins.csv'), project.path('penguins.csv'));
      await project.write({ 'data/.keep': '' });
      cpSync(join(FIXTURES, 'penguins', 'penguins.csv'), project.path('data/penguins.csv'));
      const added = (await mlops(project.root, 'add', 'data/penguins.csv')).json<{ added: { path: string }[] }>();
      expect(added.added.map(({ path }) => path)).toEqual(['data/penguins.csv']);

      cpSync(join(FIXTURES, 'demo'), project.root, { recursive: true });
      expect(outcomes((await mlops(project.root, 'repro')).json())).toEqual({
        prepare: 'ran',
        train: 'ran',
        evaluate: 'ran',
      });
      const metrics = JSON.parse(readFileSync(project.path('metrics.json'), 'utf8'));
      expect(metrics.accuracy).toBeGreaterThanOrEqual(0.95);

      await mlops(project.root, 'remote', 'add', '-d', 'origin', server.url('main-job'), '--endpoint', server.endpoint);
      await project.commit('first model');
      const pushed = (await mlops(project.root, 'push')).json<{ objects: number; failed: unknown[] }>();
      expect(pushed.failed).toEqual([]);
      expect(pushed.objects).toBeGreaterThan(3);
      expect((await mlops(project.root, 'push')).json<{ objects: number }>().objects).toBe(0);

      const params = readFileSync(project.path('params.yaml'), 'utf8');
      writeFileSync(project.path('params.yaml'), params.replace('epochs: 60', 'epochs: 5'));
      expect(outcomes((await mlops(project.root, 'repro')).json())).toEqual({
        prepare: 'up-to-date',
        train: 'ran',
        evaluate: 'ran',
      });
      const diff = (await mlops(project.root, 'metrics', 'diff')).json<{ changes: { name: string }[] }>();
      expect(diff.changes.map(({ name }) => name)).toContain('log_loss');

      const clone = join(project.root, '..', `${project.root.split('/').at(-1)}-clone`);
      git(project.root, 'clone', '--quiet', project.root, clone);
      await mlops(clone, 'pull');
      expect((await mlops(clone, 'status')).json<{ clean: boolean }>().clean).toBe(true);
      expect(new Set(Object.values(outcomes((await mlops(clone, 'repro')).json())))).toEqual(new Set(['up-to-date']));
      expect(readFileSync(join(clone, 'models/penguins/weights.bin'))).not.toEqual(
        readFileSync(project.path('models/penguins/weights.bin')),
      );

      writeFileSync(project.path('params.yaml'), params);
      expect(outcomes((await mlops(project.root, 'repro')).json())).toEqual({
        prepare: 'up-to-date',
        train: 'restored',
        evaluate: 'restored',
      });
      expect(readFileSync(join(clone, 'models/penguins/weights.bin'))).toEqual(
        readFileSync(project.path('models/penguins/weights.bin')),
      );
    }, 180_000);
  },
);
