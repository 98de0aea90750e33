import { readFileSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../../../core/digest.ts';
import { MlopsError } from '../../../core/errors.ts';
import type { Lockfile } from '../../../core/lockfile.ts';
import type { Project } from '../../../project/project.ts';
import type { Cache } from '../../../stores/cache/cache.ts';
import { keyOf } from '../../../stores/remotes/object-key.ts';
import { changedWhileRead, digestFile, digestOf, isSameFile } from '../../../system/hash.ts';
import type { Addition } from '../refuse.ts';
import type { Measured } from '../scan/scan.ts';
import { overlayOf } from '../transfer/overlay.ts';
import { routePaths } from '../transfer/plan.ts';
import { pushObjects } from '../transfer/transfer.ts';
import type { Found } from './add.ts';

/** A file of the workspace whose bytes are on their way. */
interface Source {
  /** In the project. */
  readonly path: string;
  readonly absolute: string;
  readonly stat: Stats;
}

/**
 * Sends what `add` found in the workspace to a remote (null: the default one). The cache gets no copy of any file. What cannot
 * be sent is an error, before the lockfile names anything.
 */
export async function sendFound(
  project: Project,
  remote: string | null,
  found: readonly Found[],
  lockfile: Lockfile,
): Promise<void> {
  const there = found.filter(({ measured }) => measured !== undefined).map(({ addition }) => addition);
  if (there.length === 0) return;
  const remotes = await remotesOf(project, remote, lockfile, there);
  const sources = sourcesOf(project.root, found);
  const cache = withSources(await project.cache(), sources);
  const targets = there.map(({ path }) => join(project.root, path));
  const place: Project = { ...project, cache: async () => cache, readLockfile: () => lockfile };
  const { failed, paths } = await pushObjects(place, { targets, remote, jobs: null, dryRun: false });

  const changed = [...sources].filter(([, { absolute, stat }]) => !isAsItWas(absolute, stat));
  const [first] = changed;
  if (first !== undefined) {
    // What was read while it changed may be anything, under a name that promises something.
    const sent = new Set(paths);
    await forget(
      project,
      remotes,
      changed.filter(([, { path }]) => sent.has(path)).map(([digest]) => digest),
    );
    throw changedWhileRead(first[1].path);
  }
  const [failure] = failed;
  if (failure === undefined) return;
  throw new MlopsError('data-missing', `${failure.path} could not be sent: ${failure.reason}`, {
    hint: 'Nothing was tracked. Run the same command again: what has arrived is not sent twice.',
  });
}

/** The remotes that these paths go to. Fails for one that goes to none. */
async function remotesOf(project: Project, remote: string | null, lockfile: Lockfile, paths: readonly Addition[]) {
  const { data } = lockfile;
  const tops = new Map(paths.flatMap(({ top }) => (data[top] === undefined ? [] : [[top, data[top]]])));
  const routes = routePaths(tops, await project.pipeline());
  const sent = new Set([...routes.values()].flatMap((part) => [...part.keys()]));
  for (const top of tops.keys()) {
    if (sent.has(top)) continue;
    throw new MlopsError('usage', `${top} is never sent anywhere: its note in .mlops.yaml says push: false.`, {
      hint: 'Leave out --to-remote, or change the note.',
    });
  }
  return [...routes.keys()].map((own) => own ?? remote);
}

function isAsItWas(absolute: string, stat: Stats): boolean {
  const now = statSync(absolute, { throwIfNoEntry: false });
  return now !== undefined && isSameFile(stat, now);
}

async function forget(
  project: Project,
  remotes: readonly (string | null)[],
  digests: readonly Digest[],
): Promise<void> {
  if (digests.length === 0) return;
  for (const name of remotes) {
    const remote = await project.openRemote(name);
    try {
      await remote.delete(digests.map(keyOf));
    } finally {
      remote.close();
    }
  }
}

function sourcesOf(root: string, found: readonly Found[]): Map<Digest, Source> {
  const sources = new Map<Digest, Source>();
  const visit = (at: string, { kind, digest, children }: Measured): void => {
    for (const child of children ?? []) visit(`${at}/${child.name}`, child);
    if (kind === 'tree' || kind === 'symlink') return;
    const absolute = join(root, at);
    sources.set(digest, { path: at, absolute, stat: statSync(absolute) });
  };
  for (const { addition, measured } of found) if (measured !== undefined) visit(addition.path, measured);
  return sources;
}

/** A cache that has the bytes of these files as well, where they are. */
function withSources(cache: Cache, sources: ReadonlyMap<Digest, Source>): Cache {
  const here = (digest: Digest): Source | undefined => (cache.has(digest) ? undefined : sources.get(digest));
  const together: Cache = {
    ...overlayOf(cache),
    has: (digest) => sources.has(digest) || cache.has(digest),
    presence() {
      const below = cache.presence();
      return (digest) => sources.has(digest) || below(digest);
    },
    sizeOf: (digest) => here(digest)?.stat.size ?? cache.sizeOf(digest),
    readBytes(digest) {
      const source = here(digest);
      if (source === undefined) return cache.readBytes(digest);
      const bytes = readFileSync(source.absolute);
      if (digestOf(bytes) !== digest) throw changedWhileRead(source.path);
      return bytes;
    },
    pathOf: (digest) => here(digest)?.absolute ?? cache.pathOf(digest),
    isSound(digest) {
      const source = here(digest);
      if (source === undefined) return cache.isSound(digest);
      if (digestFile(source.absolute).digest !== digest) throw changedWhileRead(source.path);
      return true;
    },
    batch: async (work) => work(together),
  };
  return together;
}
