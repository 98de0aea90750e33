import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { allAtOnce, digestOf } from '../../src/system/hash.ts';
import { ReadAhead } from '../../src/system/threads/read-ahead.ts';
import { readAndHash } from '../../src/system/threads/hash-beside.ts';
import { startThread } from '../../src/system/threads/start-thread.ts';
import { createFolder } from '../support/sandbox.ts';

/** Files of many sizes, some too large for the room that a range has. */
async function createFiles(count: number): Promise<{ folder: string; names: string[]; contents: Buffer[] }> {
  const folder = await createFolder();
  const contents = Array.from({ length: count }, (_, at) => Buffer.alloc((at * 7919) % 70_000, `${at} `));
  const names = contents.map((_, at) => `${String(at).padStart(5, '0')}.bin`);
  for (const [at, content] of contents.entries()) writeFileSync(join(folder, names[at] ?? ''), content);
  return { folder, names, contents };
}

test.each([2, 3, 8])('what %i threads read ahead is what is in the files', async (threads) => {
  const files = await createFiles(1500);
  const ahead = new ReadAhead(threads);
  const reads = ahead.begin(files.folder, files.names);
  let read = 0;
  for (const content of files.contents) {
    const file = allAtOnce(reads.next());
    if (file === undefined) continue;
    read++;
    expect(file.digest).toBe(digestOf(content));
    expect(content.equals(file.bytes)).toBe(true);
    expect(file.stat.size).toBe(content.length);
  }
  reads.end();
  expect(read).toBeGreaterThan(500);
});

test('folders that are left half way, and folders within folders, share the room', async () => {
  const { folder, names, contents } = await createFiles(600);
  const ahead = new ReadAhead(3);
  for (let round = 0; round < 20; round++) {
    const outer = ahead.begin(folder, names);
    const inner = ahead.begin(folder, names.slice(round));
    for (let at = 0; at < 40 * round && at + round < names.length; at++) {
      for (const [reads, from] of [
        [outer, 0],
        [inner, round],
      ] as const) {
        const file = allAtOnce(reads.next());
        if (file !== undefined) expect(contents[at + from]?.equals(file.bytes)).toBe(true);
      }
    }
    inner.end();
    outer.end();
  }
  const last = ahead.begin(folder, names.slice(0, 10));
  expect(allAtOnce(last.next())?.digest).toBe(digestOf(contents[0] ?? ''));
  last.end();
});

test('without help from threads that do not start, all is read here', async () => {
  const { folder, names, contents } = await createFiles(100);
  const reads = new ReadAhead(3, () => startThread(join(folder, names[3] ?? ''))).begin(folder, names);
  await new Promise((resolve) => setImmediate(resolve));
  for (const content of contents) {
    const file = allAtOnce(reads.next());
    if (file !== undefined) expect(content.equals(file.bytes)).toBe(true);
  }
  reads.end();
});

test('what is no file any more is left to whoever asks for it', async () => {
  const { folder, names } = await createFiles(3);
  const reads = new ReadAhead(2).begin(folder, ['missing', names[1] ?? '', '.']);
  expect(allAtOnce(reads.next())).toBeUndefined();
  expect(allAtOnce(reads.next())?.stat.size).toBe(7919);
  expect(allAtOnce(reads.next())).toBeUndefined();
  reads.end();
});

test.each([0, 1, 4 * 2 ** 20, 70_000_001])('%i bytes are read in order and hashed beside that', async (length) => {
  const file = join(await createFolder(), 'file');
  const bytes = Buffer.alloc(length, 'some bytes, ');
  writeFileSync(file, bytes);
  const fd = openSync(file, 'r');
  const parts: Buffer[] = [];
  // As if it were long: then a thread hashes it.
  const read = allAtOnce(readAndHash(fd, 2 ** 30, 2, (part) => void parts.push(Buffer.from(part))));
  closeSync(fd);
  expect(read).toEqual({ digest: digestOf(bytes), size: length });
  expect(Buffer.concat(parts).equals(bytes)).toBe(true);
});
