import type { Project } from '../../project/project.ts';
import { ignoringRule } from '../../system/list-files.ts';
import { projectPathOf } from './select.ts';

/** A path that is no data, and the line that says so. */
export interface IgnoredPath {
  readonly path: string;
  /** The ignore file; null for a name that is never data. */
  readonly file: string | null;
  /** Counts from 1; null for a name that is never data. */
  readonly line: number | null;
  readonly rule: string;
}

/** The document of `check-ignore`. */
export interface CheckIgnoreResult {
  readonly ignored: readonly IgnoredPath[];
  readonly notIgnored: readonly string[];
}

/** Which line of which `.mlopsignore` takes each path out of sight. Paths are as typed, and need not be there. */
export function checkIgnore(project: Project, typed: readonly string[]): CheckIgnoreResult {
  const ignored: IgnoredPath[] = [];
  const notIgnored: string[] = [];
  for (const path of typed.map((text) => projectPathOf(text, project))) {
    const found = path === '.' ? undefined : ignoringRule(project.root, path);
    if (found === undefined) notIgnored.push(path);
    else if (found.line === 0) ignored.push({ path, file: null, line: null, rule: found.rule });
    else ignored.push({ path, ...found });
  }
  return { ignored, notIgnored };
}
