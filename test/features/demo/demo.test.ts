import { expect, test } from 'vitest';
import { MlopsError } from '../../../src/core/errors.ts';
import { type DemoRequest, runDemo } from '../../../src/features/demo/demo.ts';
import { createFolder } from '../../support/sandbox.ts';

test('a demo that somebody stops was interrupted; no step of it is blamed, and how to begin anew is said', async () => {
  const controller = new AbortController();
  const stop: DemoRequest['runMlops'] = async () => {
    controller.abort(new MlopsError('terminated', 'Terminated.'));
    return { exitCode: 143, out: '', err: 'error: Terminated.', result: undefined };
  };
  const demo = runDemo({
    folder: 'my demo',
    cwd: await createFolder(),
    now: () => new Date(0),
    report: () => undefined,
    signal: controller.signal,
    runGit: async () => ({ exitCode: 0, out: '', err: '', result: undefined }),
    runMlops: stop,
  });
  await expect(demo).rejects.toMatchObject({
    kind: 'terminated',
    message: 'Terminated.',
    hint: "To begin anew: rm -r 'my demo' && mlops demo 'my demo'",
  });
});
