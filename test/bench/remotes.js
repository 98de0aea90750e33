import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DVC, dvc, floor, mlops, race } from './measure.js';
import { createDvcProject, createProject, writeSmallFiles } from './projects.js';
import { withS3Server } from './s3-server.js';
import { rowOf } from './table.js';

const START_UP = 70;
const LATENCY = 30;
/** Small files travel in packs: so many requests are enough, however many files there are. */
const MOST_REQUESTS = 12;

/** What `push` and `pull` cost, to a folder and to a real S3 server, near and far. */
export function remotes(folder, files, bytes) {
  const small = prepare(folder, `remote-small-${files}`, (data) => writeSmallFiles(data, files));
  const large = prepare(folder, `remote-large-${bytes}`, (data) => writeLarge(join(data, 'large.bin'), bytes));
  const sets = [
    { ...small, name: `${files.toLocaleString('en-US')} × 275 B`, create: [files, 20, 275], isSmall: true },
    { ...large, name: `1 × ${(bytes / 2 ** 30).toFixed(1)} GiB`, create: [1, 1, 1], isSmall: false },
  ];
  const place = join(folder, 'remote');
  const near = sets.map((set) => measureFolder(folder, set, place));
  const overS3 = withS3Server(folder, LATENCY, (server) =>
    sets.flatMap((set, at) => [
      ...measureS3(set, near[at], server, server.near, 'S3'),
      ...measureS3(set, null, server, server.far, `S3, ${LATENCY} ms away`),
    ]),
  );
  return [...near.flatMap(({ rows }) => rows), ...(overS3 ?? [])];
}

/** A project that has added its data, and a clone of it without any. */
function prepare(folder, name, write) {
  const source = createProject(folder, name);
  mkdirSync(join(source, 'data'));
  write(join(source, 'data'));
  mlops(source, 'add', 'data');
  const clone = createProject(folder, `${name}-clone`);
  return { source, clone };
}

/** Names a place as the remote of both. What is there already counts as another one's. */
function connect({ source, clone }, ...remote) {
  mlops(source, 'remote', 'add', '--force', '--default', 'origin', ...remote);
  for (const file of ['.mlops.yaml', '.mlops.lock.yaml', '.gitignore'])
    copyFileSync(join(source, file), join(clone, file));
}

function emptyClone({ clone }) {
  for (const state of ['data', '.mlops/cache', '.mlops/index'])
    rmSync(join(clone, state), { recursive: true, force: true });
}

function requestsOf(project, command) {
  return JSON.parse(mlops(project, command, '--dry-run', '--json').stdout).requests;
}

function measureFolder(folder, set, place) {
  const { source, clone, name, create, isSmall } = set;
  const [copy, spare] = [join(folder, 'copied'), join(folder, 'spare')];
  const empty = () => {
    for (const one of [place, copy, spare]) rmSync(one, { recursive: true, force: true });
    mkdirSync(place);
    mkdirSync(copy);
  };
  empty();
  connect(set, place);
  const [bare, moved, push] = race(
    3,
    [
      () => floor(source, 'start'),
      () => floor(source, 'copyAndHash', join(source, '.mlops', 'cache'), copy),
      () => mlops(source, 'push', '--quiet'),
    ],
    empty,
  );
  const [, pushed] = race(3, [() => floor(source, 'start'), () => mlops(source, 'push', '--quiet')]);
  const [create2, pull] = race(
    3,
    [() => floor(folder, 'create', spare, ...create), () => mlops(clone, 'pull', '--quiet')],
    (at) => (at === 0 ? rmSync(spare, { recursive: true, force: true }) : emptyClone(set)),
  );
  const [stat, pulled] = race(3, [
    () => floor(clone, 'stat', join(clone, 'data')),
    () => mlops(clone, 'pull', '--quiet'),
  ]);
  const theirs = DVC === null ? null : measureDvc(folder, source, join(folder, 'dvc-remote'));
  empty();
  rmSync(spare, { recursive: true, force: true });

  const startUp = bare.wall + START_UP;
  const mostPush = startUp + 3 * moved.wall + 200;
  const of = 'copy and hash the packs';
  const row = (what, took, rest) => rowOf({ what: `${what}, folder, ${name}`, took, ...rest });
  const rows = [
    row('`push`', push, { floor: moved, of, over: isSmall ? mostPush : null, dvc: theirs?.push }),
    row('`push`, nothing to do', pushed, { floor: bare, of: 'bare Node', dvc: theirs?.pushed }),
    row('`pull`', pull, {
      floor: moved,
      of,
      over: isSmall ? mostPush + 2 * create2.wall : null,
      dvc: theirs?.pull,
    }),
    row('`pull`, nothing to do', pulled, {
      floor: bare,
      of: 'bare Node',
      over: START_UP + 2 * stat.wall,
      dvc: theirs?.pulled,
    }),
  ];
  return { rows, push, pull };
}

/** Over the folder's time where that was measured, else over bare Node. */
function measureS3(set, near, { bucket }, endpoint, where) {
  const { source, clone, name, isSmall } = set;
  let prefix = 0;
  // Each push goes to a place of its own.
  const anew = () => connect(set, `${bucket}/${where.length}-${name.length}-${(prefix += 1)}`, '--endpoint', endpoint);
  anew();
  const pushRequests = requestsOf(source, 'push');
  const [bare, push] = race(2, [() => floor(source, 'start'), () => mlops(source, 'push', '--quiet')], (at) => {
    if (at === 1) anew();
  });
  const pushedRequests = requestsOf(source, 'push');
  const [, pushed] = race(2, [() => floor(source, 'start'), () => mlops(source, 'push', '--quiet')]);
  emptyClone(set);
  const pullRequests = requestsOf(clone, 'pull');
  const [, pull] = race(2, [() => floor(source, 'start'), () => mlops(clone, 'pull', '--quiet')], (at) => {
    if (at === 1) emptyClone(set);
  });
  const row = (what, requests, took, nearTook, most) => {
    const tooMany = most !== null && requests > most ? ' MISSED' : '';
    return rowOf({
      what: `${what}, ${where}, ${name}, ${requests} requests${tooMany}`,
      took,
      floor: nearTook ?? bare,
      of: nearTook === undefined ? 'bare Node' : 'the folder',
      over: nearTook !== undefined && isSmall ? 500 : null,
    });
  };
  const most = isSmall ? MOST_REQUESTS : null;
  return [
    row('`push`', pushRequests, push, near?.push, most),
    row('`push`, nothing to do', pushedRequests, pushed, undefined, most),
    row('`pull`', pullRequests, pull, near?.pull, most),
  ];
}

function measureDvc(folder, source, place) {
  const project = createDvcProject(folder, 'dvc-remotes');
  mkdirSync(place);
  dvc(project, 'remote', 'add', '--quiet', '--default', 'origin', place);
  dvc(project, 'config', 'cache.type', 'copy');
  copyTree(join(source, 'data'), join(project, 'data'));
  dvc(project, 'add', '--quiet', 'data');
  const push = dvc(project, 'push', '--quiet');
  const pushed = dvc(project, 'push', '--quiet');
  for (const state of ['data', '.dvc/cache']) rmSync(join(project, state), { recursive: true, force: true });
  const pull = dvc(project, 'pull', '--quiet');
  const pulled = dvc(project, 'pull', '--quiet');
  for (const one of [project, place]) rmSync(one, { recursive: true });
  return { push, pushed, pull, pulled };
}

function copyTree(from, to) {
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copyTree(source, target);
    else copyFileSync(source, target);
  }
}

function writeLarge(file, bytes) {
  const segment = Buffer.alloc(2 ** 20);
  for (let at = 0; at < segment.length; at++) segment[at] = (at * 2_654_435_761) >>> 13;
  writeFileSync(file, '');
  for (let at = 0; at < bytes; at += segment.length) {
    segment.writeDoubleLE(at, 0);
    writeFileSync(file, segment.subarray(0, Math.min(segment.length, bytes - at)), { flag: 'a' });
  }
}
