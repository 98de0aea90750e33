import { Blake3Hasher, blake3 } from '@napi-rs/blake-hash';
import { spawn } from 'node:child_process';
import {
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';

// The least that a piece of work takes in Node: one thread, synchronous calls, nothing remembered, nothing checked.

const SEGMENT = 4 * 2 ** 20;

const floors = {
  /** Nothing: how long Node takes to start. */
  start: () => undefined,

  /** Starts shells, one after another, that write as much as a stage of the benchmark. */
  async shells(count) {
    for (let at = 0; at < Number(count); at++) {
      const shell = spawn('sh', ['-e', '-c', `cat in > floor && echo ${at} >> floor`], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      await once(shell, 'close');
    }
  },

  /** Stats every file of a folder. */
  stat(folder) {
    for (const file of filesIn(folder)) lstatSync(file);
  },

  /** Reads and hashes every file of a folder. */
  hash(folder) {
    for (const file of filesIn(folder)) blake3(readFileSync(file));
  },

  /** Creates files of so many bytes in so many folders. */
  create(folder, files, folders, bytes) {
    const content = Buffer.alloc(Number(bytes), 'x');
    for (let at = 0; at < Number(folders); at++) mkdirSync(join(folder, String(at)), { recursive: true });
    for (let at = 0; at < Number(files); at++)
      writeFileSync(join(folder, String(at % Number(folders)), `${at}.bin`), content);
  },

  /** Reads every file of a folder and hashes it in pieces of so many bytes, as if each were an object. */
  hashPieces(folder, bytes) {
    for (const file of filesIn(folder)) {
      const content = readFileSync(file);
      for (let at = 0; at < content.length; at += Number(bytes)) blake3(content.subarray(at, at + Number(bytes)));
    }
  },

  /** Copies every file of a folder into another one, onto the disk, and hashes what it copies. */
  copyAndHash(folder, target) {
    for (const [at, file] of [...filesIn(folder)].entries()) {
      const hasher = new Blake3Hasher();
      const to = openSync(join(target, String(at)), 'w');
      forEachSegment(file, (segment) => {
        hasher.update(segment);
        writeSync(to, segment);
      });
      fsyncSync(to);
      closeSync(to);
      hasher.digestBuffer();
    }
  },

  /** Hashes one file, in pieces. */
  hashFile(file) {
    const hasher = new Blake3Hasher();
    forEachSegment(file, (segment) => hasher.update(segment));
    hasher.digestBuffer();
  },

  /** Copies one file, in pieces, onto the disk. */
  copyFile(file, target) {
    const to = openSync(target, 'w');
    forEachSegment(file, (segment) => writeSync(to, segment));
    fsyncSync(to);
    closeSync(to);
  },
};

function* filesIn(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) yield* filesIn(join(folder, entry.name));
    else yield join(folder, entry.name);
  }
}

function forEachSegment(file, use) {
  const buffer = Buffer.alloc(SEGMENT);
  const from = openSync(file, 'r');
  for (let length = readSync(from, buffer); length > 0; length = readSync(from, buffer))
    use(buffer.subarray(0, length));
  closeSync(from);
}

const [name, ...args] = process.argv.slice(2);
await floors[name](...args);
