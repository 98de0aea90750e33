import { cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DVC, dvc, floor, mlops, race } from './measure.js';
import { bytesIn, createDvcProject, createProject, writeSmallFiles } from './projects.js';
import { rowOf } from './table.js';

const ROUNDS = 3;
/** One changed file may write so many bytes into the cache. */
const MOST_NEW_BYTES = 200_000;

/** What a data set of many small files costs, from the first `add` to `gc`. */
export function smallFiles(folder, files) {
  const project = createProject(folder, `small-${files}`);
  const data = join(project, 'data');
  writeSmallFiles(data, files);
  const theirs = DVC === null ? null : measureDvc(folder, data, files);
  const name = `${files.toLocaleString('en-US')} × 275 B`;
  const rounds = files > 200_000 ? 1 : ROUNDS;
  const memory = files > 100_000 ? 1e9 : 300e6;
  const spare = join(folder, 'spare');
  const row = (what, took, floorTook, of, most, dvcTook) => {
    if (took.memory > memory) what += ` (over ${memory / 1e6} MB)`;
    return rowOf({ what: `${what}, ${name}`, took, floor: floorTook, of, most, dvc: dvcTook ?? null });
  };

  const [hash, add] = race(rounds, [() => floor(project, 'hash', data), () => mlops(project, 'add', 'data')], (at) => {
    if (at === 1)
      for (const state of ['.mlops/cache', '.mlops/index', '.mlops.lock.yaml', '.gitignore']) remove(project, state);
  });
  const [stat, again, status] = race(rounds + 2, [
    () => floor(project, 'stat', data),
    () => mlops(project, 'add', 'data'),
    () => mlops(project, 'status'),
  ]);
  const [create, checkout] = race(
    rounds,
    [() => floor(folder, 'create', spare, files, 20, 275), () => mlops(project, 'checkout')],
    (at) => remove(at === 0 ? spare : data),
  );
  remove(spare);
  const [, nothing] = race(rounds, [() => floor(project, 'stat', data), () => mlops(project, 'checkout')]);

  const cache = join(project, '.mlops', 'cache');
  const before = bytesIn(cache);
  writeFileSync(join(data, '0', '0000000.bin'), 'changed\n');
  const one = mlops(project, 'add', 'data');
  const grown = bytesIn(cache) - before;
  const note = grown > MOST_NEW_BYTES ? `, ${grown} new bytes MISSED` : `, ${grown} new bytes`;

  const packs = filesOf(cache);
  const [read, hashed, gc, fsck] = race(rounds, [
    () => floor(project, 'start'),
    () => floor(project, 'hashPieces', cache, 275),
    () => mlops(project, 'gc', '--workspace', '--yes'),
    () => mlops(project, 'fsck'),
  ]);
  return [
    row('`add`', add, hash, 'read and hash each', 2, theirs?.add),
    row('`add` again', again, stat, 'stat each', 2, theirs?.again),
    row('`status`', status, stat, 'stat each', 2, theirs?.status),
    row('`checkout`', checkout, create, 'create and write each', 2, theirs?.checkout),
    row('`checkout`, nothing to do', nothing, stat, 'stat each', 2, theirs?.nothing),
    row(`\`add\`, one file changed${note}`, one, stat, 'stat each', 2, theirs?.one),
    row(`\`gc\`, ${packs} files in the cache`, gc, read, 'bare Node', null, theirs?.gc),
    row('`fsck`', fsck, hashed, 'read and hash each object', 2, null),
  ];
}

function measureDvc(folder, data, files) {
  const project = createDvcProject(folder, `dvc-${files}`);
  const copy = join(project, 'data');
  cpSync(data, copy, { recursive: true });
  const add = dvc(project, 'add', '--quiet', 'data');
  const again = dvc(project, 'add', '--quiet', 'data');
  const status = dvc(project, 'status', '--quiet');
  remove(copy);
  const checkout = dvc(project, 'checkout', '--quiet');
  const nothing = dvc(project, 'checkout', '--quiet');
  writeFileSync(join(copy, '0', '0000000.bin'), 'changed\n');
  const one = dvc(project, 'add', '--quiet', 'data');
  const gc = dvc(project, 'gc', '--workspace', '--force', '--quiet');
  remove(project);
  return { add, again, status, checkout, nothing, one, gc };
}

function remove(...parts) {
  rmSync(join(...parts), { recursive: true, force: true });
}

function filesOf(cache) {
  return readdirSync(cache, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile()).length;
}
