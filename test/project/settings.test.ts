import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { layoutOf } from '../../src/project/layout.ts';
import { changeSettings } from '../../src/project/settings.ts';
import { addRemote, setDefaultRemote } from '../../src/stores/documents/edit-settings.ts';
import { createFolder, createSandbox } from '../support/sandbox.ts';

test('settings are written to the project, to this clone, or to the person', async () => {
  const sandbox = await createSandbox({ '.mlops.yaml': '# mine\n' });
  const home = await createFolder();
  const project = {
    layout: layoutOf(sandbox.root),
    env: { XDG_CONFIG_HOME: home },
    waitMilliseconds: 0,
    report: () => undefined,
    signal: new AbortController().signal,
  };
  await changeSettings(project, 'project', (text) => setDefaultRemote(text, 'team'));
  await changeSettings(project, 'local', (text) => addRemote(text, 'team', { url: '../remote' }));
  const file = await changeSettings(project, 'user', (text) => setDefaultRemote(text, 'mine'));
  expect(await sandbox.read('.mlops.yaml')).toBe('# mine\nremote: team\n');
  expect(await sandbox.read('.mlops.local.yaml')).toBe('remotes:\n  team: { url: "../remote" }\n');
  expect(readFileSync(join(home, 'mlops', 'config.yaml'), 'utf8')).toBe('remote: mine\n');
  expect(file).toBe(join(home, 'mlops', 'config.yaml'));
});
