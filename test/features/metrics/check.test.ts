import { expect, onTestFinished, test } from 'vitest';
import { checkMetrics } from '../../../src/features/metrics/check.ts';
import { openProject } from '../../../src/project/open.ts';
import { createSandbox, GIT_ENV } from '../../support/sandbox.ts';

test('gates are held to HEAD, or to a base; before the first commit only what needs none is decided', async () => {
  const sandbox = await createSandbox({
    '.mlops.yaml': 'metrics: [m.json]\ngates: [{ metric: "m.json:a", min: 1, maxDrop: 0.5 }]\n',
    'm.json': '{"a": 3}',
  });
  const project = await openProject(sandbox.root, {
    env: { ...GIT_ENV, XDG_CONFIG_HOME: '/nowhere' },
    now: () => new Date(0),
    report: () => undefined,
    signal: new AbortController().signal,
    waitMilliseconds: 0,
  });
  onTestFinished(() => project.git?.close());
  const check = async (base: string | null) => {
    const { from, gates } = await checkMetrics(project, base);
    return [from, ...gates.map(({ ok }) => ok)];
  };
  expect(await check(null)).toEqual(['workspace', true, null]);
  await sandbox.commit('first');
  await sandbox.write({ 'm.json': '{"a": 2}' });
  await sandbox.commit('second');
  await sandbox.write({ 'm.json': '{"a": 1.8}' });
  expect(await check(null)).toEqual(['HEAD', true, true]);
  expect(await check('HEAD~1')).toEqual(['HEAD~1', true, false]);
  await sandbox.write({ 'm.json': '{}' });
  expect(await check(null)).toEqual(['HEAD', false]);
});
