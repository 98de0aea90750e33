import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The absolute folder of the installed package, wherever this file was bundled to; `fixtures` and `dist` lie in it. */
export function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!isPackage(folder)) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`No package.json of mlops above ${fileURLToPath(import.meta.url)}.`);
    folder = parent;
  }
  return folder;
}

/** The version in the package's own package.json. */
export function packageVersion(): string {
  return String(readPackage(packageFolder())['version']);
}

function isPackage(folder: string): boolean {
  return existsSync(join(folder, 'package.json')) && readPackage(folder)['name'] === 'mlops';
}

function readPackage(folder: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
}
