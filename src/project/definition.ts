import { join } from 'node:path';
import { invalidFile } from '../core/errors.ts';
import type { Pipeline } from '../core/pipeline.ts';
import type { ConfigLayer } from '../stores/documents/config-layer.ts';
import { readFileIfThere } from '../system/read-file.ts';
import { type Config, configFromEnv, type ConfigSource, mergeConfig, userConfigFile } from './config.ts';
import { LOCAL_FILE, type Layout, PIPELINE_FILE } from './layout.ts';

/** What people wrote about a project: its settings, and its pipeline once someone asks for it. */
export interface Definition {
  readonly config: Config;
  pipeline(): Promise<Pipeline>;
}

type Env = Readonly<Record<string, string | undefined>>;

const LONG = 16 * 1024;

const EMPTY_PIPELINE: Pipeline = { stages: [], data: {}, metrics: [], params: [], plots: [], gates: [] };

/** Reads all sources of settings. A mistake in the settings is told now, one in the stages when the pipeline is asked for. */
export async function readDefinition(layout: Layout, defaultCache: string, env: Env): Promise<Definition> {
  const project = await readPipeline(layout);
  const userFile = userConfigFile(env);
  const sources: ConfigSource[] = [
    { origin: 'user', layer: userFile === null ? {} : await readLayer(userFile, userFile) },
    { origin: 'project', layer: project.settings },
    { origin: 'local', layer: await readLayer(layout.localFile, LOCAL_FILE) },
    { origin: 'env', layer: configFromEnv(env) },
  ];
  return { config: mergeConfig(layout.root, defaultCache, sources), pipeline: project.pipeline };
}

async function readPipeline(layout: Layout): Promise<{ settings: ConfigLayer; pipeline: () => Promise<Pipeline> }> {
  const bytes = readFileIfThere(layout.pipelineFile);
  if (bytes === undefined || saysNothing(bytes)) return { settings: {}, pipeline: async () => EMPTY_PIPELINE };
  // To read a long file takes longer than all else of a command that has nothing to do.
  const isLong = bytes.length > LONG || Buffer.from(bytes).includes('include');
  const kept = isLong ? await import('./read-once.ts') : null;
  const known = kept?.findRead(layout, bytes);
  if (known !== undefined) return { settings: known.settings, pipeline: async () => known.pipeline };
  const { readPipelineFile } = await import('../stores/documents/pipeline-file.ts');
  const others = new Map<string, Uint8Array | undefined>();
  const read = async (path: string) => {
    const other = readFileIfThere(join(layout.root, path));
    others.set(path, other);
    return other;
  };
  const { settings, pipeline, problems, settingsAreSound } = await readPipelineFile(bytes, PIPELINE_FILE, read);
  if (!settingsAreSound) throw invalidFile(problems);
  const total = [bytes, ...others.values()].reduce((sum, each) => sum + (each?.length ?? 0), 0);
  if (problems.length === 0 && total > LONG) kept?.keepRead(layout, bytes, { settings, pipeline, others });
  return {
    settings,
    pipeline: async () => {
      if (problems.length > 0) throw invalidFile(problems);
      return pipeline;
    },
  };
}

async function readLayer(path: string, file: string): Promise<ConfigLayer> {
  const bytes = readFileIfThere(path);
  if (bytes === undefined || saysNothing(bytes)) return {};
  const { parseSettings } = await import('../stores/documents/settings-file.ts');
  return parseSettings(bytes, file);
}

/** Whether a YAML file holds comments and empty lines only, so that no YAML reader need be loaded for it. */
function saysNothing(bytes: Uint8Array): boolean {
  return /^\uFEFF?(?:[ \t]*(?:#[^\r\n]*)?(?:\r?\n|$))*$/.test(Buffer.from(bytes).toString('utf8'));
}
