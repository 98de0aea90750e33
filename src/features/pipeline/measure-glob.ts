import type { LockedPath } from '../../core/lockfile.ts';
import { compareCodePoints, encodeValue } from '../../core/value.ts';
import type { Project } from '../../project/project.ts';
import { digestOf } from '../../system/hash.ts';
import { expandGlob } from '../../system/list-files.ts';
import { measurePath } from '../data/measure.ts';

/** All files that a pattern matches as one content: their paths, digests and executable bits. Null when there are none. */
export async function measureGlob(project: Project, pattern: string): Promise<LockedPath | null> {
  const paths = (await expandGlob(pattern, project.root)).toSorted(compareCodePoints);
  const lines: string[] = [];
  let size = 0;
  for (const path of paths) {
    const content = await measurePath(project, path);
    if (content === undefined) continue;
    size += content.size;
    lines.push(encodeValue([path, content.digest, content.kind === 'file' && content.executable]));
  }
  if (lines.length === 0) return null;
  return { kind: 'tree', digest: digestOf(lines.join('\n')), size, files: lines.length };
}
