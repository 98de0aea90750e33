import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { MlopsError } from '../../core/errors.ts';
import type { Core, Layers } from './packages.ts';

const PACKAGE = '@tensorflow/tfjs-node';

/** The project's own `@tensorflow/tfjs-node`, as far as one can see without loading it. */
export interface NativePackage {
  readonly folder: string;
  readonly version: string;
  /** Whether its compiled part is there. npm 12 installs the package and blocks the script that gets it. */
  readonly hasAddon: boolean;
}

/** The `@tensorflow/tfjs-node` that the project at `root` has, or null. Nothing is loaded. */
export function findNative(root: string): NativePackage | null {
  let file: string;
  try {
    file = createRequire(join(root, 'package.json')).resolve(`${PACKAGE}/package.json`);
  } catch {
    return null;
  }
  const folder = dirname(file);
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version?: unknown };
  const lib = join(folder, 'lib');
  const builds = existsSync(lib) ? readdirSync(lib) : [];
  const hasAddon = builds.some((build) => existsSync(join(lib, build, 'tfjs_binding.node')));
  return { folder, version: String(version), hasAddon };
}

/** How to get `@tensorflow/tfjs-node` into a project, one command after another, for each npm. */
export const NATIVE_INSTALL = {
  npm11: [`npm install ${PACKAGE}`],
  npm12: [`npm install ${PACKAGE}`, `npm install-scripts approve ${PACKAGE}`, `npm rebuild ${PACKAGE}`],
} as const;

/** Loads the project's `@tensorflow/tfjs-node`. */
export function requireNative(root: string): { core: Core; layers: Layers } {
  if (findNative(root) === null) {
    throw new MlopsError('failed', `The tensorflow backend needs ${PACKAGE}, which this project does not have.`, {
      hint: `${NATIVE_INSTALL.npm11[0]}   (with npm 12, see \`mlops doctor\`), or use backend: auto`,
    });
  }
  mendNode();
  const require = createRequire(join(root, 'package.json'));
  try {
    const loaded: unknown = require(PACKAGE);
    if (!isLibrary(loaded)) throw new TypeError('it exports no layers');
    return { core: loaded, layers: loaded };
  } catch (error) {
    throw new MlopsError('failed', `${PACKAGE} is installed, but does not load: ${firstLine(error)}`, {
      hint: `Its install script may have been blocked or have failed: ${NATIVE_INSTALL.npm12.slice(1).join(' && ')}`,
      cause: error,
    });
  }
}

// tfjs-node 4.22 calls two functions that Node 23 took away (https://github.com/tensorflow/tfjs/pull/8425).
function mendNode(): void {
  const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>;
  util['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  util['isArray'] ??= Array.isArray;
}

function isLibrary(loaded: unknown): loaded is Core & Layers {
  return typeof loaded === 'object' && loaded !== null && 'tensor' in loaded && 'loadLayersModel' in loaded;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
