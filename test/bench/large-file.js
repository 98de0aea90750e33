import { closeSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DVC, dvc, floor, mlops, race } from './measure.js';
import { createDvcProject, createProject } from './projects.js';
import { rowOf } from './table.js';

/** What one large file costs. A sparse one takes no room until it is in the cache, and reads as zeros. */
export function largeFile(folder, bytes, { sparse = false } = {}) {
  const project = createProject(folder, `large-${bytes}`);
  const file = join(project, 'large.bin');
  write(file, bytes, sparse);
  const name = `${bytes / 2 ** 30} GiB${sparse ? ' sparse' : ''}`;
  const copy = join(folder, 'copy.bin');
  const [hash, write2, add] = race(
    2,
    [
      () => floor(project, 'hashFile', file),
      () => floor(project, 'copyFile', file, copy),
      () => mlops(project, 'add', 'large.bin'),
    ],
    () => {
      rmSync(copy, { force: true });
      for (const state of ['.mlops/cache', '.mlops/index', '.mlops.lock.yaml'])
        rmSync(join(project, state), { recursive: true, force: true });
    },
  );
  rmSync(copy, { force: true });
  const [start, status] = race(5, [() => floor(project, 'start'), () => mlops(project, 'status')]);
  const theirs = DVC === null ? null : measureDvc(folder, bytes, sparse);
  const [slower, of] = hash.wall > write2.wall ? [hash, 'hash it'] : [write2, 'copy and sync it'];
  return [
    rowOf({ what: `\`add\`, 1 × ${name}`, took: add, floor: slower, of, most: 1.3, dvc: theirs?.add ?? null }),
    rowOf({
      what: `\`status\`, 1 × ${name}`,
      took: status,
      floor: start,
      of: 'bare Node',
      over: 70,
      dvc: theirs?.status ?? null,
    }),
  ];
}

function measureDvc(folder, bytes, sparse) {
  const project = createDvcProject(folder, `dvc-large-${bytes}`);
  write(join(project, 'large.bin'), bytes, sparse);
  const add = dvc(project, 'add', '--quiet', 'large.bin');
  const status = dvc(project, 'status', '--quiet');
  rmSync(project, { recursive: true });
  return { add, status };
}

function write(file, bytes, sparse) {
  const to = openSync(file, 'w');
  const segment = Buffer.alloc(2 ** 20);
  for (let at = 0; at < segment.length; at++) segment[at] = (at * 2_654_435_761) >>> 13;
  const written = sparse ? 0 : bytes;
  for (let at = 0; at < written; at += segment.length) {
    segment.writeDoubleLE(at, 0);
    writeSync(to, segment, 0, Math.min(segment.length, written - at));
  }
  ftruncateSync(to, bytes);
  closeSync(to);
}
