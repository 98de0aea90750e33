import type { OutputRole } from '../stage.ts';
import type { Value, ValueMap } from '../value.ts';
import type { MapReader } from './map-reader.ts';
import { pathReader } from './paths.ts';

/** What does the arithmetic, as it is asked for. `auto` becomes `cpu` or `wasm` by the size of the model. */
export type Backend = (typeof BACKENDS)[number];

/** What does the arithmetic, once that is settled: a part of the stage's identity, since each rounds in its own way. */
export type ResolvedBackend = Exclude<Backend, 'auto'>;

/** All values of `backend`. */
export const BACKENDS = ['auto', 'cpu', 'wasm', 'tensorflow'] as const;

/** A path that a built-in stage writes. */
export interface BuiltInOutput {
  readonly path: string;
  readonly role: OutputRole;
  readonly plot?: ValueMap;
}

/** The settings of a built-in stage, and what follows from them for the pipeline. */
export interface BuiltInParts<Settings> {
  readonly settings: Settings;
  readonly dependencies: readonly string[];
  readonly outputs: readonly BuiltInOutput[];
}

/** Reads `plots`: a folder, `false` for none, absent for the default. */
export function readPlotsFolder(reader: MapReader, wdir: string, fallback: string): string | null {
  if (isOff(reader.raw('plots'))) return null;
  return pathReader(reader, wdir)('plots', fallback);
}

/** Whether an output was said not to be wanted: `false` or nothing behind its key. */
export function isOff(value: Value | undefined): boolean {
  return value === false || value === null;
}
