import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { addRemote } from '../../src/features/remotes/add.ts';
import { type Fault, startFaultProxy } from '../support/fault-proxy.ts';
import { createProject, openedProject } from '../support/open-project.ts';
import { BINARY } from '../support/run-binary.ts';
import { createRandom } from '../support/random.ts';
import { type S3Server, s3Missing, startS3Server } from '../support/s3-server.ts';
import { createSandbox, GIT_ENV } from '../support/sandbox.ts';
import { track } from '../support/tracking.ts';

const ROUNDS = Number(process.env['MLOPS_ROUNDS'] ?? 2);
/** What passes when it is tried again. */
const FAULTS: readonly Fault[] = ['reset', 'lost', 'duplicated', 'busy', 'broken', 'truncated', 'altered', 'slow'];
const FILES = {
  ...Object.fromEntries(Array.from({ length: 90 }, (_, at) => [`data/${at % 30}/${at}.txt`, `file ${at}`])),
  'data/large.bin': 'x'.repeat(9 << 20),
};

describe.skipIf(s3Missing !== null)('killed', () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3Server();
  });
  afterAll(() => server?.stop());

  test(
    'at any request, on a network that fails now and then, push and pull go on the next time, and both sides are whole',
    { timeout: 30_000 + ROUNDS * 20_000 },
    async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const random = createRandom(round);
        const victim = { process: null as { kill(signal: 'SIGKILL'): void } | null, left: Infinity };
        const proxy = await startFaultProxy(server.endpoint, () => {
          victim.left -= 1;
          if (victim.left <= 0) victim.process?.kill('SIGKILL');
          return victim.left < Infinity && random.chance(0.1) ? random.pick(FAULTS) : null;
        });
        onTestFinished(() => proxy.stop());
        const run = (cwd: string, command: string, killAt: number) =>
          new Promise<number | null>((resolve) => {
            const env = { ...GIT_ENV, ...server.env, XDG_CONFIG_HOME: join(cwd, '.no-config') };
            const child = spawn(process.execPath, [BINARY, command], { cwd, env, stdio: 'ignore' });
            Object.assign(victim, { process: child, left: killAt });
            child.once('exit', (code) => resolve(code));
          });

        const source = await createProject(FILES);
        const url = server.url(randomUUID());
        await addRemote(await source.open(), { name: 'origin', url, endpoint: proxy.endpoint, default: true });
        await track(await source.open(), 'data');
        const killAt = 1 + Math.floor(random.next() * 12);
        await run(source.sandbox.root, 'push', killAt);
        expect(await run(source.sandbox.root, 'push', Infinity), `push after a kill at request ${killAt}`).toBe(0);

        const clone = openedProject(await createSandbox());
        for (const name of ['.mlops.yaml', '.mlops.lock.yaml']) {
          cpSync(source.sandbox.path(name), clone.sandbox.path(name));
        }
        await run(clone.sandbox.root, 'pull', killAt);
        expect(await run(clone.sandbox.root, 'pull', Infinity), `pull after a kill at request ${killAt}`).toBe(0);
        for (const [path, text] of Object.entries(FILES)) {
          expect(readFileSync(clone.sandbox.path(path), 'utf8') === text, `${path}, round ${round}`).toBe(true);
        }
        const cache = await (await clone.open()).cache();
        for (const { digest } of cache.list()) expect(cache.isSound(digest)).toBe(true);
      }
    },
  );
});
