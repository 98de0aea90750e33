import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deserialize, serialize } from 'node:v8';
import { MlopsError } from '../core/errors.ts';
import type { Digest } from '../core/digest.ts';
import type { Pipeline } from '../core/pipeline.ts';
import type { Value } from '../core/value.ts';
import type { ConfigLayer } from '../stores/documents/config-layer.ts';
import { fileError } from '../system/file-error.ts';
import { readFileIfThere } from '../system/read-file.ts';
import { digestOf } from '../system/hash.ts';
import { packageVersion } from '../system/package-folder.ts';
import type { Layout } from './layout.ts';

/** What a pipeline file without a mistake says. */
export interface Read {
  readonly settings: ConfigLayer;
  readonly pipeline: Pipeline;
  /** The other files that it was read with: what it includes, and what its `${…}` come from. Undefined: not there. */
  readonly others: ReadonlyMap<string, Uint8Array | undefined>;
}

type Kept = Omit<Read, 'others'> & { readonly others: ReadonlyMap<string, Digest | null> };

const MAGIC = 'mlops-pipeline 2';

/** What this very text was read as by this very program, the other files being what they were; undefined when it never was, or what was kept is damaged. */
export function findRead({ root, state }: Layout, text: Uint8Array): Omit<Read, 'others'> | undefined {
  try {
    const bytes = readFileSync(fileIn(state));
    const end = bytes.indexOf('\n');
    const content = bytes.subarray(end + 1);
    if (bytes.toString('utf8', 0, end) !== headOf(text, content)) return undefined;
    const kept = deserialize(content) as Kept;
    for (const [path, digest] of kept.others) {
      if (digestOrNull(readFileIfThere(join(root, path))) !== digest) return undefined;
    }
    return revive(kept);
  } catch {
    // Not there, or damaged. Nothing depends on it: the text is read anew, and kept again.
    return undefined;
  }
}

/** Keeps what a text was read as. Where that cannot be written, it is read again the next time. */
export function keepRead({ state, tmp }: Layout, text: Uint8Array, { settings, pipeline, others }: Read): void {
  const temporary = join(tmp, `pipeline.${process.pid}`);
  try {
    const content = serialize({
      settings,
      pipeline,
      others: new Map([...others].map(([path, bytes]) => [path, digestOrNull(bytes)])),
    } satisfies Kept);
    mkdirSync(tmp, { recursive: true });
    writeFileSync(temporary, Buffer.concat([Buffer.from(`${headOf(text, content)}\n`), content]));
    renameSync(temporary, fileIn(state));
  } catch (error) {
    rmSync(temporary, { force: true });
    if (!(fileError(error, 'keep the pipeline') instanceof MlopsError)) throw error;
  }
}

function digestOrNull(bytes: Uint8Array | undefined): Digest | null {
  return bytes === undefined ? null : digestOf(bytes);
}

function fileIn(state: string): string {
  return join(state, 'pipeline');
}

/** The text, the program that read it, and what it read. A program that was built again may read another thing. */
function headOf(text: Uint8Array, content: Uint8Array): string {
  const { mtimeMs, size } = statSync(fileURLToPath(import.meta.url));
  const program = `${packageVersion()} ${process.versions.node} ${mtimeMs} ${size}`;
  return `${MAGIC} ${digestOf(text)} ${digestOf(program)} ${digestOf(content)}`;
}

/** Maps whose keys are the user's own inherit nothing, as when they are read. */
function revive({ settings, pipeline }: Kept): Omit<Read, 'others'> {
  const { remotes, resources } = settings;
  return {
    settings: {
      ...settings,
      ...(remotes === undefined ? {} : { remotes: bareMap(remotes) }),
      ...(resources === undefined ? {} : { resources: bareMap(resources) }),
    },
    pipeline: {
      ...pipeline,
      data: bareMap(pipeline.data),
      plots: pipeline.plots.map((one) => ({ ...one, plot: bare(one.plot) })),
      stages: pipeline.stages.map((stage) => ({
        ...stage,
        filledIn: bareMap(Object.fromEntries(Object.entries(stage.filledIn).map(([key, value]) => [key, bare(value)]))),
        resources: bareMap(stage.resources),
        settings: bare(stage.settings),
        meta: bare(stage.meta),
        outputs: stage.outputs.map((output) => ({ ...output, plot: bare(output.plot) })),
      })),
    },
  };
}

function bareMap<T>(map: Readonly<Record<string, T>>): Record<string, T> {
  return Object.assign(Object.create(null) as Record<string, T>, map);
}

function bare<T extends Value | undefined>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: Value) => bare(item)) as Value as T;
  const entries = Object.entries(value).map(([key, inner]) => [key, bare(inner as Value)] as const);
  return bareMap(Object.fromEntries(entries)) as Value as T;
}
