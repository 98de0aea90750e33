// Preloaded into a real process (NODE_OPTIONS=--import …). MLOPS_FAULT is `<what> <number>`: at the so-and-so-many call that
// changes a file system, `kill` ends the process as the kernel would, a write half done, and `stall` makes it wait, so that others
// come in between; any other word is the code of the
// error that this call fails with, and each write after it. `count <file>` writes down how many such calls there are.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const [what, argument] = (process.env.MLOPS_FAULT ?? '').split(' ');
const { writeSync, writeFileSync } = fs;
let calls = 0;

const WRITES = ['writeSync', 'writeFileSync', 'copyFileSync'];
const GROWS = [...WRITES, 'mkdirSync', 'symlinkSync', 'linkSync', 'fsyncSync', 'fsync'];
const CHANGES = [...GROWS, 'renameSync', 'rmSync', 'unlinkSync', 'rmdirSync', 'utimesSync', 'chmodSync'];

function fails(name) {
  const isDue =
    what === 'kill' || what === 'stall'
      ? calls === Number(argument)
      : calls >= Number(argument) && GROWS.includes(name);
  return what !== 'count' && isDue;
}

function failNow(name, args) {
  if (what === 'stall') return void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 350);
  if (what !== 'kill') {
    throw Object.assign(new Error(`${what}: injected, ${name}`), { code: what, syscall: name, errno: -28 });
  }
  if (name === 'writeSync' && ArrayBuffer.isView(args[1])) {
    const [fd, bytes, offset = 0, length = bytes.byteLength - offset] = args;
    writeSync(fd, bytes, offset, Math.floor(length / 2));
  }
  if (name === 'writeFileSync') writeFileSync(args[0], args[1].slice(0, args[1].length / 2), args[2]);
  process.kill(process.pid, 'SIGKILL');
  // The signal arrives when it likes.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

function hook(name, isChange = () => true) {
  const original = fs[name];
  fs[name] = (...args) => {
    if (isChange(...args)) {
      calls += 1;
      if (fails(name)) failNow(name, args);
    }
    return original(...args);
  };
}

for (const name of CHANGES) hook(name);
hook('openSync', (_, flags) =>
  typeof flags === 'number' ? (flags & fs.constants.O_CREAT) !== 0 : /[wax+]/.test(flags),
);
syncBuiltinESMExports();
if (what === 'count') process.on('exit', () => writeFileSync(argument, `${calls}`));
