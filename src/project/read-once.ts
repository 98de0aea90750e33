import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deserialize, serialize } from 'node:v8';
import { MlopsError } from '../core/errors.ts';
import type { Pipeline } from '../core/pipeline.ts';
import type { Value } from '../core/value.ts';
import type { ConfigLayer } from '../stores/documents/config-layer.ts';
import { fileError } from '../system/file-error.ts';
import { digestOf } from '../system/hash.ts';
import { packageVersion } from '../system/package-folder.ts';
import type { Layout } from './layout.ts';

/** What a pipeline file without a mistake says. */
export interface Read {
  readonly settings: ConfigLayer;
  readonly pipeline: Pipeline;
}

const MAGIC = 'mlops-pipeline 1';

/** What this very text was read as by this very program; undefined when it never was, or what was kept is damaged. */
export function findRead({ state }: Layout, text: Uint8Array): Read | undefined {
  try {
    const bytes = readFileSync(fileIn(state));
    const end = bytes.indexOf('\n');
    const content = bytes.subarray(end + 1);
    if (bytes.toString('utf8', 0, end) !== headOf(text, content)) return undefined;
    return revive(deserialize(content) as Read);
  } catch {
    // Not there, or damaged. Nothing depends on it: the text is read anew, and kept again.
    return undefined;
  }
}

/** Keeps what a text was read as. Where that cannot be written, it is read again the next time. */
export function keepRead({ state, tmp }: Layout, text: Uint8Array, { settings, pipeline }: Read): void {
  const temporary = join(tmp, `pipeline.${process.pid}`);
  try {
    const content = serialize({ settings, pipeline });
    mkdirSync(tmp, { recursive: true });
    writeFileSync(temporary, Buffer.concat([Buffer.from(`${headOf(text, content)}\n`), content]));
    renameSync(temporary, fileIn(state));
  } catch (error) {
    rmSync(temporary, { force: true });
    if (!(fileError(error, 'keep the pipeline') instanceof MlopsError)) throw error;
  }
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
function revive({ settings, pipeline }: Read): Read {
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
