import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '../core/errors.ts';
import type { Layout } from './layout.ts';

/** Makes the folder for the state of this clone, which Git never sees. A project that cannot be written to can still be read. */
export function layOutState({ state, tmp }: Layout): void {
  const ignore = join(state, '.gitignore');
  if (existsSync(ignore) && existsSync(tmp)) return;
  try {
    mkdirSync(tmp, { recursive: true });
    if (!existsSync(ignore)) writeFileSync(ignore, '*\n');
  } catch (error) {
    if (!['EROFS', 'EACCES', 'EPERM'].includes(systemCode(error) ?? '')) throw error;
  }
}
