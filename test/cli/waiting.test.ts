import { expect, test } from 'vitest';
import { withLease } from '../../src/system/lease.ts';
import { runMlops } from '../support/run-mlops.ts';
import { createSandbox } from '../support/sandbox.ts';

test('what another process holds is waited for, up to --wait, and not at all with --no-wait', async () => {
  const sandbox = await createSandbox({ '.mlops.yaml': '', 'a.csv': 'a\n' });
  const mlops = (...argv: string[]) => runMlops({ cwd: sandbox.root }, ...argv);
  const options = {
    folder: sandbox.path('.mlops/leases'),
    name: 'lockfile',
    what: 'the lockfile',
    waitMilliseconds: null,
    report: () => undefined,
    signal: new AbortController().signal,
  };
  expect((await mlops('status')).exitCode).toBe(0);

  let waiting: ReturnType<typeof mlops> | undefined;
  await withLease(options, async () => {
    for (const flags of [['--no-wait'], ['--wait', '50ms']]) {
      const { exitCode, err } = await mlops('add', 'a.csv', ...flags);
      expect(exitCode).toBe(6);
      expect(err).toMatch(/^error: .*the lockfile/m);
      expect(err).not.toMatch(/\n\s+at /);
    }
    // Readers do not wait.
    expect((await mlops('status', '--no-wait')).exitCode).toBe(0);
    waiting = mlops('add', 'a.csv');
  });
  expect(await waiting).toMatchObject({ exitCode: 0, out: expect.stringContaining('Added a.csv') });
});
