import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LinkType, linkFile } from '../../system/link-file.ts';

/** The first of these ways that works between a cache and a workspace; null when none does. Leaves nothing behind. */
export function probeLink(cache: string, workspace: string, types: readonly LinkType[]): LinkType | null {
  const name = `.mlops-doctor.${randomUUID()}`;
  const [source, target] = [join(cache, name), join(workspace, name)];
  try {
    mkdirSync(workspace, { recursive: true });
    writeFileSync(source, 'mlops doctor');
    for (const type of types) {
      if (type === 'copy' || linkFile(type, source, target)) return type;
    }
    return null;
  } finally {
    rmSync(target, { force: true });
    rmSync(source, { force: true });
  }
}
