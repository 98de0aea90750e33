import { posix } from 'node:path';
import { type PipelinePart, readPart } from './pipeline-part.ts';
import { toProjectPath } from './project-path.ts';
import type { ReadFile } from './variables.ts';

interface Included {
  readonly file: string;
  readonly part: PipelinePart;
  readonly at: number;
}

/** The files of a pipeline, the project's own first. */
export type Parts = readonly [PipelinePart, ...PipelinePart[]];

/** A file of a pipeline with all those that it includes, and that they include, each after the one that names it. */
export async function readParts(content: string | Uint8Array, file: string, read: ReadFile): Promise<Parts> {
  const first = await readPart(content, { file, folder: '.' }, read);
  const parts: [PipelinePart, ...PipelinePart[]] = [first];
  const seen = new Map<string, Included | null>([[file, null]]);

  async function follow(part: PipelinePart, above: readonly string[]): Promise<void> {
    const field = part.fields.get('include');
    for (const node of field === undefined ? [] : part.decoder.list(field)) {
      const text = part.decoder.textOf(node, 'Each item of "include"');
      const found = text === undefined ? undefined : includedPath(part.folder, text);
      if (found === undefined) continue;
      const wrong = 'problem' in found ? found.problem : refusal(found.path, above, seen);
      const bytes = wrong === null && 'path' in found ? await read(found.path) : undefined;
      if (wrong !== null) part.decoder.problem(node.at, wrong);
      else if (bytes === undefined) part.decoder.problem(node.at, `There is no file ${JSON.stringify(text)}.`);
      if (bytes === undefined || !('path' in found)) continue;
      seen.set(found.path, { file: part.file, part, at: node.at });
      const inner = await readPart(bytes, { file: found.path, folder: posix.dirname(found.path) }, read);
      parts.push(inner);
      await follow(inner, [...above, found.path]);
    }
  }

  await follow(first, [file]);
  return parts;
}

/** The tool's own name is that of a file to include, while no data may be called so. */
function includedPath(folder: string, written: string) {
  if (posix.basename(written) !== '.mlops.yaml') return toProjectPath(folder, written);
  const inside = toProjectPath(folder, posix.join(posix.dirname(written), 'x'));
  return 'path' in inside ? { path: posix.join(posix.dirname(inside.path), '.mlops.yaml') } : inside;
}

function refusal(path: string, above: readonly string[], seen: ReadonlyMap<string, Included | null>): string | null {
  const at = above.indexOf(path);
  if (at >= 0) return `These files include each other: ${[...above.slice(at), path].join(' → ')}.`;
  const before = seen.get(path);
  if (before === undefined || before === null) return null;
  const { line } = before.part.decoder.place(before.at);
  return `"${path}" is included already, in ${before.file}:${line}.`;
}
