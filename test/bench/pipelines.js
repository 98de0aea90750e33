import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DVC, dvc, floor, mlops, race } from './measure.js';
import { createDvcProject, createProject } from './projects.js';
import { rowOf } from './table.js';

/** Of stages that do nearly nothing: over the shells that they need, and over bare Node when none is run. */
const MOST_CHANGED = 1.5;
const OVER_RESTORED = 1_450;
const OVER_NOTHING = 220;
/** With so few, the start of the program is most of it. */
const FEW = 10;
/** That many are to be restored within the budget. */
const RESTORED = 400;
/** Twice as many workers take at most this share of the time. */
const MOST_OF_ONE_WORKER = 1 / 1.7;

/** What `repro` costs for so many stages: in a chain, in a fan, and two at once. DVC is measured up to `dvcStages`. */
export function pipelines(folder, counts, dvcStages) {
  const rows = counts.flatMap((count) => ['chain', 'fan'].flatMap((shape) => measure(folder, count, shape, dvcStages)));
  return [...rows, measureWorkers(folder)];
}

function measure(folder, count, shape, dvcStages) {
  const ours = createPipeline(createProject(folder, `${shape}-${count}`), '.mlops.yaml', count, shape);
  const theirs = DVC !== null && count <= dvcStages ? measureDvc(folder, count, shape) : null;
  const rounds = count > RESTORED ? 2 : 4;
  const row = (what, rest) => rowOf({ what: `${what}, ${count} stages in a ${shape}`, ...rest });
  const repro = () => mlops(ours, 'repro', '--quiet');
  const shells = () => floor(ours, 'shells', count);
  const start = () => floor(ours, 'start');
  let content = 0;

  write(ours, content);
  const first = repro();
  const [spawned, changed] = race(rounds, [shells, repro], (at) => at === 1 && write(ours, ++content));
  const [, restored] = race(rounds, [start, repro], (at) => at === 1 && write(ours, --content));
  const [bare, nothing] = race(rounds + 2, [start, repro]);
  const overShells = { floor: spawned, of: 'as many shells' };
  const overNode = { floor: bare, of: 'bare Node' };
  return [
    row('`repro`, first run', { took: first, ...overShells, dvc: theirs?.first }),
    row('all changed', { took: changed, ...overShells, most: count > FEW ? MOST_CHANGED : null, dvc: theirs?.changed }),
    row('all restored', {
      took: restored,
      ...overNode,
      over: count <= RESTORED ? OVER_RESTORED : null,
      dvc: theirs?.restored,
    }),
    row('nothing to do', { took: nothing, ...overNode, over: OVER_NOTHING, dvc: theirs?.nothing }),
  ];
}

/** The same once with DVC, which writes to its standard error also when all is well. */
function measureDvc(folder, count, shape) {
  const project = createPipeline(createDvcProject(folder, `dvc-${shape}-${count}`), 'dvc.yaml', count, shape);
  const repro = (content) => {
    write(project, content);
    return dvc(project, 'repro', '--quiet');
  };
  return { first: repro(0), changed: repro(1), restored: repro(0), nothing: repro(0) };
}

function createPipeline(project, file, count, shape) {
  const stages = Array.from({ length: count }, (_, at) => {
    const above = at === 0 || shape === 'fan' ? 'in' : `o${at - 1}`;
    return `  s${at}:\n    cmd: cat ${above} > o${at} && echo ${at} >> o${at}\n    deps: [${above}]\n    outs: [o${at}]\n`;
  });
  writeFileSync(join(project, file), `stages:\n${stages.join('')}`);
  return project;
}

function write(project, content) {
  writeFileSync(join(project, 'in'), `${content}\n`);
}

/** Stages that each keep one processor busy for a while. */
function measureWorkers(folder) {
  const project = createProject(folder, 'workers');
  const cmd = `i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; echo > o`;
  const stages = Array.from({ length: 8 }, (_, at) => `  s${at}: { cmd: "${cmd}${at}", deps: [in], outs: [o${at}] }\n`);
  writeFileSync(join(project, '.mlops.yaml'), `stages:\n${stages.join('')}`);
  write(project, 0);
  const repro = (jobs) => () => mlops(project, 'repro', '--quiet', '--force', '--jobs', String(jobs));
  const [one, two] = race(3, [repro(1), repro(2)]);
  const what = 'two at once, 8 stages of work for a processor';
  return rowOf({ what, took: two, floor: one, of: 'one at a time', most: MOST_OF_ONE_WORKER });
}
