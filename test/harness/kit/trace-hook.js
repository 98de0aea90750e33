// Preloaded into a real process: writes down, in order, what it did to files that a power cut would ask for. Each line of the
// file that MLOPS_FAULT names is `write`, `sync`, `rename` or `sync-all`, with paths.
import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const [, file] = (process.env.MLOPS_FAULT ?? '').split(' ');
const { writeFileSync } = fs;
const lines = [];
const paths = new Map();

function hook(owner, name, note) {
  const original = owner[name];
  owner[name] = (...args) => {
    const result = original(...args);
    note(args, result);
    return result;
  };
}

hook(fs, 'openSync', ([path], fd) => paths.set(fd, path));
hook(fs, 'writeSync', ([fd]) => lines.push(['write', paths.get(fd)]));
hook(fs, 'writeFileSync', ([path]) => lines.push(['write', path]));
hook(fs, 'copyFileSync', ([, path]) => lines.push(['write', path]));
hook(fs, 'fsyncSync', ([fd]) => lines.push(['sync', paths.get(fd)]));
hook(fs, 'renameSync', ([from, to]) => lines.push(['rename', from, to]));
// It counts when it is over, not when it is asked for.
const { fsync } = fs;
fs.fsync = (fd, over) => {
  const path = paths.get(fd);
  fsync(fd, (error) => (lines.push(['sync', path]), over(error)));
};
hook(
  childProcess,
  'spawnSync',
  ([command], { status }) => command === 'sync' && status === 0 && lines.push(['sync-all']),
);
syncBuiltinESMExports();
process.on('exit', () => writeFileSync(file, JSON.stringify(lines)));
