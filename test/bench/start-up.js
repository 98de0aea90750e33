import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { floor, mlops, race } from './measure.js';
import { createProject } from './projects.js';
import { rowOf } from './table.js';

/** What a command costs that has nothing to do, above bare Node. */
export function startUp(folder) {
  const project = createProject(folder, 'one-file');
  writeFileSync(join(project, 'a.csv'), 'a,b\n1,2\n');
  mlops(project, 'add', 'a.csv');

  const [bare, version, help, status] = race(15, [
    () => floor(project, 'start'),
    () => mlops(project, '--version'),
    () => mlops(project, '--help'),
    () => mlops(project, 'status'),
  ]);
  const row = (what, took, over) => rowOf({ what, took, floor: bare, of: 'bare Node', over });
  return [row('`--version`', version, 30), row('`--help`', help, 70), row('`status` of one file', status, 70)];
}
