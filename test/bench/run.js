import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

// What mlops takes, against the least that the same work takes on this machine. Other load makes every time longer, so
// each is the fastest of several runs, floor and command taking turns.

const MLOPS = join(import.meta.dirname, '..', '..', 'bin', 'mlops.js');
const FILES = Number(process.argv[2] ?? 10_000);
const folder = mkdtempSync(join(tmpdir(), 'mlops-bench-'));

try {
  const rows = [...startUp(), ...manyFiles()];
  print(rows);
  if (rows.some(({ ok }) => ok === false)) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function startUp() {
  const empty = join(folder, 'empty.mjs');
  writeFileSync(empty, '');
  const project = createProject('one-file');
  writeFileSync(join(project, 'a.csv'), 'a,b\n1,2\n');
  mlops(project, 'add', 'a.csv');

  const [bare, version, help, status] = race(15, [
    () => node(project, empty),
    () => mlops(project, '--version'),
    () => mlops(project, '--help'),
    () => mlops(project, 'status'),
  ]);
  return [
    budget('--version', version, bare, 30),
    budget('--help', help, bare, null),
    budget('status of one file', status, bare, 70),
  ];
}

function manyFiles() {
  const project = createProject('many-files');
  const data = join(project, 'data');
  const bytes = writeMany(data, FILES);
  const copy = join(folder, 'copy');

  const readFloor = time(() => readAll(data));
  const add = time(() => mlops(project, 'add', 'data'));
  const [statFloor, status] = race(5, [() => statAll(data), () => mlops(project, 'status')]);
  const copyFloor = time(() => copyAll(data, copy));
  rmSync(data, { recursive: true });
  const checkout = time(() => mlops(project, 'checkout'));

  const size = `${FILES.toLocaleString('en-US')} files, ${(bytes / 2 ** 20).toFixed(0)} MiB`;
  return [
    ratio(`add ${size}`, add, readFloor + copyFloor, 'read and copy each'),
    ratio('status, nothing changed', status, statFloor, 'stat each'),
    ratio('checkout', checkout, copyFloor, 'copy each'),
  ];
}

function createProject(name) {
  const project = join(folder, name);
  mkdirSync(project);
  execFileSync('git', ['init', '--quiet', project]);
  mlops(project, 'init');
  return project;
}

function mlops(cwd, ...args) {
  node(cwd, MLOPS, ...args);
}

function node(cwd, ...args) {
  const { status, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${args.join(' ')} exited with ${status}: ${stderr}`);
}

function writeMany(data, count) {
  let bytes = 0;
  for (let at = 0; at < count; at++) {
    const parent = join(data, String(at % 100).padStart(2, '0'));
    if (at < 100) mkdirSync(parent, { recursive: true });
    const content = `${at}\n`.repeat(200 + (at % 400));
    writeFileSync(join(parent, `${at}.txt`), content);
    bytes += content.length;
  }
  return bytes;
}

function* filesIn(data) {
  for (const parent of readdirSync(data)) {
    for (const name of readdirSync(join(data, parent))) yield join(parent, name);
  }
}

function readAll(data) {
  for (const file of filesIn(data)) readFileSync(join(data, file));
}

function statAll(data) {
  for (const file of filesIn(data)) statSync(join(data, file));
}

function copyAll(data, copy) {
  for (const parent of readdirSync(data)) mkdirSync(join(copy, parent), { recursive: true });
  for (const file of filesIn(data)) copyFileSync(join(data, file), join(copy, file));
}

/** The fastest of so many runs of each, taking turns. */
function race(rounds, contestants) {
  const best = contestants.map(() => Infinity);
  for (let round = 0; round < rounds; round++) {
    for (const [at, run] of contestants.entries()) best[at] = Math.min(best[at], time(run));
  }
  return best;
}

function time(run) {
  const startedAt = performance.now();
  run();
  return performance.now() - startedAt;
}

function budget(what, took, floor, most) {
  const over = took - floor;
  const ok = most === null ? null : over <= most;
  return {
    what,
    took,
    floor,
    of: 'bare node',
    result: `${over < 0 ? '' : '+'}${over.toFixed(0)} ms${most === null ? '' : ` of ${most}`}`,
    ok,
  };
}

function ratio(what, took, floor, of) {
  return { what, took, floor, of, result: `${(took / floor).toFixed(1)}×`, ok: null };
}

function print(rows) {
  const cells = rows.map(({ what, took, floor, of, result, ok }) => [
    what,
    `${took.toFixed(0)} ms`,
    `${floor.toFixed(0)} ms (${of})`,
    result,
    ok === null ? '' : ok ? 'within' : 'OVER',
  ]);
  const table = [['what', 'mlops', 'floor', 'over the floor', ''], ...cells];
  const widths = table[0].map((_, at) => Math.max(...table.map((row) => row[at].length)));
  console.log(`Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}`);
  for (const row of table)
    console.log(
      row
        .map((cell, at) => cell.padEnd(widths[at]))
        .join('  ')
        .trimEnd(),
    );
}
