import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

// What `repro` takes for stages that do nearly nothing, against spawning as many shells from Node in the same run, or against
// bare Node. `DVC` names a binary to compare with: `DVC=/path/to/dvc node test/bench/pipelines.js 100 400`.

const MLOPS = join(import.meta.dirname, '..', '..', 'bin', 'mlops.js');
const DVC = process.env.DVC;
const counts = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), 'mlops-bench-'));

/** Most that each may take: a share of the floor, or milliseconds above it. */
const ALL_CHANGED = 1.5;
const RESTORED = 1_500;
const NOTHING = 250;

try {
  const rows = [];
  for (const count of counts.length > 0 ? counts : [100, 400]) {
    for (const shape of ['chain', 'fan']) rows.push(...(await measure(count, shape)));
  }
  print(rows);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure(count, shape) {
  const ours = createProject('mlops', count, shape);
  const theirs = DVC === undefined ? null : createProject('dvc', count, shape);
  const name = `${count} stages in a ${shape}`;
  const steps = [
    ['first run', '1', 'shells'],
    ['all changed', '2', 'shells'],
    ['all restored', '1', 'bare'],
    ['nothing to do', '1', 'bare'],
  ];
  const rows = [];
  for (const [what, content, floorOf] of steps) {
    for (const project of [ours, theirs]) if (project !== null) writeFileSync(join(project, 'in'), `${content}\n`);
    const floor = floorOf === 'shells' ? await spawnShells(ours, count) : time(() => node(ours, '--eval', ''));
    const took = time(() => node(ours, MLOPS, 'repro', '--quiet'));
    // DVC writes to its standard error also when all is well.
    const dvc = theirs === null ? null : time(() => spawnSync(DVC, ['repro', '--quiet'], { cwd: theirs }));
    rows.push({ what: `${name}: ${what}`, took, floor, floorOf, dvc, ok: isWithin(what, took, floor) });
  }
  return rows;
}

function isWithin(what, took, floor) {
  if (what === 'all changed') return took <= ALL_CHANGED * floor;
  if (what === 'all restored') return took <= RESTORED;
  return what === 'nothing to do' ? took - floor <= NOTHING : null;
}

function createProject(tool, count, shape) {
  const project = join(folder, `${tool}-${shape}-${count}`);
  mkdirSync(project);
  execFileSync('git', ['init', '--quiet', project]);
  if (tool === 'dvc') execFileSync(DVC, ['init', '--quiet'], { cwd: project });
  else node(project, MLOPS, 'init');
  const stages = Array.from({ length: count }, (_, at) => {
    const above = at === 0 || shape === 'fan' ? 'in' : `o${at - 1}`;
    return `  s${at}:\n    cmd: cat ${above} > o${at} && echo ${at} >> o${at}\n    deps: [${above}]\n    outs: [o${at}]\n`;
  });
  writeFileSync(join(project, tool === 'dvc' ? 'dvc.yaml' : '.mlops.yaml'), `stages:\n${stages.join('')}`);
  return project;
}

/** One shell after another, each doing what a stage does. */
async function spawnShells(cwd, count) {
  const startedAt = performance.now();
  for (let at = 0; at < count; at++) {
    await new Promise((resolve) => {
      const script = `cat in > floor && echo ${at} >> floor`;
      spawn('sh', ['-e', '-c', script], { cwd, stdio: ['ignore', 'pipe', 'pipe'] }).once('close', resolve);
    });
  }
  return performance.now() - startedAt;
}

function node(cwd, ...args) {
  const { status, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${args.join(' ')} exited with ${status}: ${stderr}`);
}

function time(run) {
  const startedAt = performance.now();
  run();
  return performance.now() - startedAt;
}

function print(rows) {
  const table = [
    ['what', 'mlops', 'floor', 'over the floor', '', 'DVC'],
    ...rows.map(({ what, took, floor, floorOf, dvc, ok }) => [
      what,
      `${took.toFixed(0)} ms`,
      `${floor.toFixed(0)} ms (${floorOf === 'shells' ? 'as many shells' : 'bare node'})`,
      floorOf === 'shells' ? `${(took / floor).toFixed(2)}×` : `+${(took - floor).toFixed(0)} ms`,
      ok === null ? '' : ok ? 'within' : 'OVER',
      dvc === null ? 'not measured: DVC names no binary' : `${dvc.toFixed(0)} ms, ${(dvc / took).toFixed(0)}×`,
    ]),
  ];
  const widths = table[0].map((_, at) => Math.max(...table.map((row) => row[at].length)));
  console.log(`Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}`);
  for (const row of table) {
    const line = row.map((cell, at) => cell.padEnd(widths[at])).join('  ');
    console.log(line.trimEnd());
  }
}
