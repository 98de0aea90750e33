import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';

const MLOPS = join(import.meta.dirname, '..', '..', 'bin', 'mlops.js');
const REPORT_USAGE = pathToFileURL(join(import.meta.dirname, 'report-usage.js')).href;
const FLOORS = join(import.meta.dirname, 'floors.js');

/** What one process took: milliseconds on the clock and on all processors, the most memory in bytes, what it printed. */
export function run(file, args, options = {}) {
  const startedAt = performance.now();
  const { status, error, stdout, stderr } = spawnSync(file, args, { encoding: 'utf8', maxBuffer: 2 ** 30, ...options });
  const wall = performance.now() - startedAt;
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${status}: ${stderr}`);
  return { wall, stdout };
}

/** One command of ours. */
export function mlops(cwd, ...args) {
  return node(cwd, [MLOPS, ...args]);
}

/** The plainest loop that does the same work, as a program of its own: see floors.js. */
export function floor(cwd, name, ...args) {
  return node(cwd, [FLOORS, name, ...args.map(String)]);
}

/** A Node program, with what it used. */
export function node(cwd, args) {
  const usageFile = join(tmpdir(), `mlops-bench-usage-${process.pid}.json`);
  try {
    const env = { ...process.env, MLOPS_BENCH_USAGE: usageFile };
    const { wall, stdout } = run(process.execPath, ['--import', REPORT_USAGE, ...args], { cwd, env });
    return { wall, stdout, ...JSON.parse(readFileSync(usageFile, 'utf8')) };
  } finally {
    rmSync(usageFile, { force: true });
  }
}

/** DVC, where the environment variable `DVC` names its binary; null elsewhere. */
export const DVC = process.env.DVC ?? null;

const PYTHON_USAGE = `
import resource, subprocess, sys
status = subprocess.run(sys.argv[1:], stdout=sys.stderr).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print('{"cpu": %d, "memory": %d}' % ((used.ru_utime + used.ru_stime) * 1000, used.ru_maxrss * 1024))
sys.exit(status)
`;

/** One command of DVC; its own Python looks at what it used. */
export function dvc(cwd, ...args) {
  const python = join(dirname(DVC), 'python');
  if (!existsSync(python)) return run(DVC, args, { cwd });
  const { wall, stdout } = run(python, ['-c', PYTHON_USAGE, DVC, ...args], { cwd });
  return { wall, ...JSON.parse(stdout) };
}

/** The fastest of so many runs of each, taking turns, as other load only ever makes them slower. `before` prepares each run. */
export function race(rounds, contestants, before = () => undefined) {
  const best = contestants.map(() => null);
  for (let round = 0; round < rounds; round++) {
    for (const [at, contestant] of contestants.entries()) {
      before(at);
      const took = contestant();
      if (best[at] === null || took.wall < best[at].wall) best[at] = took;
    }
  }
  return best;
}
