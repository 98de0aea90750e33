import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { digestFile, digestOf, DigestStream, HASH_ENGINE, loadEngine } from '../../src/system/hash.ts';
import { createFolder } from '../support/sandbox.ts';

/** From the BLAKE3 test vectors: bytes 0, 1, 2 … 250, 0, 1 … of these lengths. */
const VECTORS = {
  0: 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262',
  1: '2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213',
  1023: '10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11',
  1024: '42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7',
  31744: '62b6960e1a44bcc1eb1a611a8d6235b6b4b78f32e7abc4fb4c6cdcce94895c47',
};
const bytesOf = (length: number) => Buffer.from(Array.from({ length }, (_, at) => at % 251));

describe.each(['native', 'wasm'] as const)('the %s engine', (name) => {
  test('computes BLAKE3, at once and in pieces', async () => {
    const engine = await loadEngine(name);
    for (const [length, hex] of Object.entries(VECTORS)) {
      const bytes = bytesOf(Number(length));
      expect(engine?.hexOf(bytes)).toBe(hex);
      const stream = engine?.start();
      const other = engine?.start();
      for (let at = 0; at < bytes.length; at += 700) {
        stream?.update(bytes.subarray(at, at + 700));
        other?.update(Buffer.from('something else in between'));
      }
      expect(stream?.hex()).toBe(hex);
    }
  });
});

test('the digest of a text is that of its UTF-8 bytes', () => {
  expect(HASH_ENGINE).toBe('native');
  expect(digestOf('ü')).toBe(digestOf(Buffer.from('ü')));
  expect(new DigestStream().update(Buffer.from('a')).update(Buffer.from('b')).digest()).toBe(digestOf('ab'));
});

test.each([0, 1, 524_287, 524_288, 524_289, 1_500_000])(
  'a file of %i bytes has the digest of its bytes',
  async (length) => {
    const path = join(await createFolder(), 'file');
    const bytes = bytesOf(length);
    writeFileSync(path, bytes);
    expect(digestFile(path)).toMatchObject({ digest: digestOf(bytes), size: length });
    appendFileSync(path, 'x');
    expect(digestFile(path).size).toBe(length + 1);
  },
);
