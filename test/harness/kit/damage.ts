import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import type { Chance } from './rounds.ts';

/** Ways in which a disk, a program or a person spoils a file. */
export const DAMAGES = ['flip', 'flip', 'truncate', 'extend', 'empty', 'zeros', 'noise'] as const;

/** Damages a file in one of these ways, and says how. */
export function damage(path: string, chance: Chance): string {
  const bytes = Buffer.from(readFileSync(path));
  const way = chance.pick(DAMAGES);
  chmodSync(path, 0o644);
  const damaged = spoil(bytes, way, chance);
  writeFileSync(path, damaged);
  return `${way} ${path}`;
}

/** Bytes as one of these ways leaves them; always other ones. */
export function spoil(bytes: Buffer, way: (typeof DAMAGES)[number], chance: Chance): Buffer {
  if (bytes.length === 0) return Buffer.from([chance.below(256)]);
  const at = chance.below(bytes.length);
  switch (way) {
    case 'flip':
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << chance.below(8)), at);
      return bytes;
    case 'truncate':
      return bytes.subarray(0, at);
    case 'extend':
      return Buffer.concat([bytes, Buffer.alloc(1 + chance.below(40), chance.below(256))]);
    case 'empty':
      return Buffer.alloc(0);
    case 'zeros':
      return bytes.every((byte) => byte === 0) ? Buffer.alloc(bytes.length + 1) : Buffer.alloc(bytes.length);
    case 'noise': {
      const noise = Buffer.from(Array.from({ length: 1 + chance.below(16) }, () => chance.below(256)));
      return Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]);
    }
  }
}
