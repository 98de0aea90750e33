import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeFile } from '../../system/write-file.ts';

/** Writes a metrics, plot or prediction file, whole or not at all. */
export function writeReport(root: string, path: string, text: string): void {
  const target = join(root, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFile(target, text, dirname(target));
}
