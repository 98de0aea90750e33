import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dvc, mlops, run } from './measure.js';

/** A new project of ours in a Git repository of its own. */
export function createProject(folder, name) {
  const project = join(folder, name);
  mkdirSync(project);
  run('git', ['init', '--quiet', project]);
  mlops(project, 'init');
  return project;
}

/** The same for DVC, with nothing sent home. */
export function createDvcProject(folder, name) {
  const project = join(folder, name);
  mkdirSync(project);
  run('git', ['init', '--quiet', project]);
  dvc(project, 'init', '--quiet');
  dvc(project, 'config', 'core.analytics', 'false');
  return project;
}

/** Files of 275 bytes that differ, in twenty folders: the shape of the data set that DVC measures itself with. */
export function writeSmallFiles(data, count) {
  for (let folder = 0; folder < 20; folder++) mkdirSync(join(data, String(folder)), { recursive: true });
  const content = Buffer.alloc(275, 'mlops ');
  for (let at = 0; at < count; at++) {
    content.write(String(at).padStart(12, '0'));
    writeFileSync(join(data, String(at % 20), `${String(at).padStart(7, '0')}.bin`), content);
  }
}

/** The bytes of all files in a folder. */
export function bytesIn(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}
