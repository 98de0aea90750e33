import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { MlopsError } from '../../core/errors.ts';
import { EMPTY_LOCKFILE, type LockedPath, lockedPaths, type Lockfile } from '../../core/lockfile.ts';
import type { Pipeline } from '../../core/pipeline.ts';
import { type Revision, revisionName } from '../../core/revision.ts';
import { LOCKFILE, PIPELINE_FILE } from '../../project/layout.ts';
import type { Project } from '../../project/project.ts';
import { parseLockfile } from '../../stores/documents/lockfile.ts';
import { readPipelineFile } from '../../stores/documents/pipeline-file.ts';
import { readFileIfThere } from '../../system/read-file.ts';

/** Something that could not be read at a revision; it never hides what could. */
export interface ReadError {
  readonly file: string;
  readonly message: string;
  /** Whether all that is wrong is that there is no such file. */
  readonly absent: boolean;
}

/** The parts of a project that reading metrics and params needs. */
export type Readable = Pick<Project, 'root' | 'git' | 'cache'>;

const EMPTY_PIPELINE: Pipeline = { stages: [], data: {}, metrics: [], params: [], plots: [], gates: [] };

/** A revision of a project as its files say it was. */
export class RevisionState {
  readonly revision: Revision;
  readonly #project: Readable;
  #lockfile: Promise<Lockfile> | undefined;

  constructor(project: Readable, revision: Revision) {
    this.#project = project;
    this.revision = revision;
  }

  /** The bytes of a file that Git has, or of the workspace; undefined where there is no such file. */
  async readFile(path: string): Promise<Uint8Array | undefined> {
    if (this.revision.type === 'workspace') return readFileIfThere(join(this.#project.root, path));
    return this.#project.git?.readFile(this.revision, path);
  }

  /** The bytes of a file of Git or, at a commit, of one that the lockfile of that commit names and the cache holds. */
  async readData(path: string): Promise<Uint8Array | undefined> {
    const bytes = await this.readFile(path);
    if (bytes !== undefined || this.revision.type === 'workspace') return bytes;
    const locked = await this.#find(path);
    if (locked === undefined) return undefined;
    return (await this.#project.cache()).readBytes(locked.digest);
  }

  /** The files beneath a folder, by their paths: those of the workspace, or those that Git or the lockfile of the commit has. */
  async filesIn(folder: string): Promise<string[]> {
    const { root, git } = this.#project;
    if (this.revision.type === 'workspace') {
      const names = await readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(() => []);
      const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
      return files.map((file) => relative(root, file).split(sep).join('/')).toSorted();
    }
    const inGit = (await git?.files(this.revision)) ?? [];
    const below = inGit.map(({ path }) => path).filter((path) => path.startsWith(`${folder}/`));
    const locked = below.length > 0 ? undefined : await this.#find(folder);
    if (locked?.kind !== 'tree') return below;
    const { treeObjects } = await import('../../stores/cache/trees.ts');
    const objects = [...treeObjects(await this.#project.cache(), locked.digest)];
    return objects.filter(({ isTree }) => !isTree).map(({ path }) => `${folder}/${path}`);
  }

  /** The pipeline, with what is wrong in it. */
  async pipeline(): Promise<{ pipeline: Pipeline; errors: readonly ReadError[] }> {
    const bytes = await this.readFile(PIPELINE_FILE);
    if (bytes === undefined) return { pipeline: EMPTY_PIPELINE, errors: [] };
    const reading = await readPipelineFile(bytes, PIPELINE_FILE, (path) => this.readFile(path));
    const errors = reading.problems.map(({ file, line, column, message }) => ({
      file,
      message: line === null ? message : `${line}:${column ?? 1} ${message}`,
      absent: false,
    }));
    return { pipeline: reading.pipeline, errors };
  }

  async #find(path: string): Promise<LockedPath | undefined> {
    this.#lockfile ??= this.readFile(LOCKFILE).then((bytes) =>
      bytes === undefined ? EMPTY_LOCKFILE : parseLockfile(Buffer.from(bytes).toString('utf8'), LOCKFILE),
    );
    const paths = lockedPaths(await this.#lockfile);
    const whole = paths.get(path);
    if (whole !== undefined) return whole;
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      const around = paths.get(path.slice(0, at));
      if (around?.kind === 'tree') return this.#findInside(around, path.slice(at + 1).split('/'));
    }
    return undefined;
  }

  async #findInside(tree: LockedPath, names: readonly string[]): Promise<LockedPath | undefined> {
    const { readTree } = await import('../../stores/cache/trees.ts');
    const cache = await this.#project.cache();
    let digest = tree.digest;
    for (const [at, name] of names.entries()) {
      const entry = readTree(cache, digest).find((one) => one.name === name);
      if (entry === undefined || (entry.kind === 'tree') === (at === names.length - 1)) return undefined;
      digest = entry.digest;
      if (entry.kind !== 'tree')
        return { kind: 'file', digest, size: entry.size, executable: entry.kind === 'executable' };
    }
    return undefined;
  }
}

/** A foreseen failure as a line beside what could be read; anything else is thrown on. */
export function toReadErrors(file: string, error: unknown): readonly ReadError[] {
  if (!(error instanceof MlopsError)) throw error;
  if (error.problems.length === 0) return [{ file, message: error.message, absent: false }];
  return error.problems.map(({ line, column, message }) => ({
    file,
    message: line === null ? message : `${line}:${column ?? 1} ${message}`,
    absent: false,
  }));
}

/** What a file that should be there and is not is called. */
export function missing(file: string, revision: Revision): ReadError {
  const where = revision.type === 'workspace' ? 'in the workspace' : `at ${revisionName(revision)}`;
  return { file, message: `This file is not there ${where}.`, absent: true };
}
