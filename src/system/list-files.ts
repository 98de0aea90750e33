import { lstatSync, readdirSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isAlwaysIgnored } from '../core/entry-name.ts';
import { MlopsError } from '../core/errors.ts';
import { compareCodePoints } from '../core/value.ts';
import { fileError, isMissing } from './file-error.ts';
import { type IgnoreRule, IgnoreRules, parseIgnoreFile } from './ignore-rules.ts';
import { readTextFile } from './write-file.ts';

/** The file with ignore rules, in any folder of a project. */
const IGNORE_FILE_NAME = '.mlopsignore';

/** What a name in a folder is. A `special` one is a socket, a device or a pipe. */
export interface FolderEntry {
  readonly name: string;
  readonly type: 'file' | 'folder' | 'symlink' | 'special';
}

/** The names in a folder that count: without Git's, ours and the ignored ones; in the order of their code points. */
export function readFolder(path: string, rules: IgnoreRules): FolderEntry[] {
  const entries: FolderEntry[] = [];
  for (const entry of listNames(path)) {
    const isFolder = entry.isDirectory();
    if (isAlwaysIgnored(entry.name) || rules.ruleFor(entry.name, isFolder) !== undefined) continue;
    if (entry.name.includes('\uFFFD')) checkNames(path);
    const type = isFolder ? 'folder' : entry.isFile() ? 'file' : entry.isSymbolicLink() ? 'symlink' : 'special';
    entries.push({ name: entry.name, type });
  }
  return entries.sort((a, b) => compareCodePoints(a.name, b.name));
}

/** The rules that hold in the folder around a path of a project, those of the folders above it among them. */
export function rulesAround(root: string, path: string): IgnoreRules {
  let rules = IgnoreRules.NONE.withOwn(ownRules(root));
  let folder = root;
  for (const name of path.split('/').slice(0, -1)) {
    folder = join(folder, name);
    rules = rules.inside(name, ownRules(folder));
  }
  return rules;
}

/** The text of a folder's own ignore file, or undefined. */
export function ownRules(folder: string): string | undefined {
  try {
    return readTextFile(join(folder, IGNORE_FILE_NAME));
  } catch (error) {
    // Where nobody is let in, it is the folder that cannot be read.
    lookAt(join(folder, IGNORE_FILE_NAME), folder);
    throw error;
  }
}

/** The line that takes a project path, or a folder around it, out of sight; line 0 stands for names that are never seen. */
export function ignoringRule(root: string, path: string): { file: string; line: number; rule: string } | undefined {
  const layers: { readonly folder: string; readonly rules: readonly IgnoreRule[] }[] = [];
  const names = path.split('/');
  for (const [at, name] of names.entries()) {
    const folder = names.slice(0, at).join('/');
    const text = ownRules(join(root, folder));
    layers.unshift({ folder, rules: text === undefined ? [] : parseIgnoreFile(text) });
    if (isAlwaysIgnored(name)) return { file: IGNORE_FILE_NAME, line: 0, rule: name };
    const isFolder = at < names.length - 1 || isFolderAt(join(root, folder, name));
    const found = decidingRule(layers, [folder, name].join('/').replace(/^\//, ''), isFolder);
    if (found !== undefined && !found.rule.negated) {
      const file = found.folder === '' ? IGNORE_FILE_NAME : `${found.folder}/${IGNORE_FILE_NAME}`;
      return { file, line: found.rule.line, rule: found.rule.text };
    }
  }
  return undefined;
}

/** As in Git: the innermost file decides, and in it the last line that matches. */
function decidingRule(
  layers: readonly { readonly folder: string; readonly rules: readonly IgnoreRule[] }[],
  path: string,
  isFolder: boolean,
): { folder: string; rule: IgnoreRule } | undefined {
  for (const { folder, rules } of layers) {
    const below = folder === '' ? path : path.slice(folder.length + 1);
    const rule = rules.findLast((one) => (isFolder || !one.foldersOnly) && one.pattern.test(below));
    if (rule !== undefined) return { folder, rule };
  }
  return undefined;
}

/** What is at a path, a symbolic link for itself; undefined when nothing is. `called`: its name in an error. */
export function lookAt(path: string, called = path): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fileError(error, `look at ${called}`);
  }
}

/** Whether the file system of a folder finds it under its name in capitals too. */
export function foldsNames(folder: string): boolean {
  const other = join(dirname(folder), basename(folder).toUpperCase());
  const [stat, found] = [lookAt(folder), lookAt(other)];
  return other !== folder && stat !== undefined && found?.ino === stat.ino;
}

/** The files that a pattern stands for, as project paths in the order of their code points. */
export async function expandGlob(pattern: string, root: string): Promise<string[]> {
  const { default: fastGlob } = await import('fast-glob');
  const found = await fastGlob(pattern, {
    cwd: root,
    dot: true,
    followSymbolicLinks: false,
    ignore: ['**/.git/**', '**/.mlops/**'],
  });
  return found.filter((path) => ignoringRule(root, path) === undefined).sort(compareCodePoints);
}

function listNames(path: string) {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    throw fileError(error, `list ${path}`);
  }
}

/** A name whose bytes are not UTF-8 could not be written to another disk: it is told, with its bytes made visible. */
function checkNames(folder: string): void {
  for (const bytes of readdirSync(folder, { encoding: 'buffer' })) {
    if (Buffer.from(bytes.toString('utf8')).equals(bytes)) continue;
    throw new MlopsError('usage', `The name ${JSON.stringify(bytes.toString('latin1'))} in ${folder} is not UTF-8.`, {
      hint: 'Rename it, or name it in .mlopsignore with a pattern.',
    });
  }
}

function isFolderAt(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch (error) {
    if (isMissing(error)) return false;
    throw fileError(error, `look at ${path}`);
  }
}
