import type { ConfigOrigin } from '../../project/config.ts';
import type { Project } from '../../project/project.ts';
import { compareCodePoints } from '../../core/value.ts';

/** A remote as the settings name it. */
export interface ListedRemote {
  readonly name: string;
  readonly url: string;
  readonly isDefault: boolean;
  /** The last source that says something of it. */
  readonly origin: ConfigOrigin;
}

/** The document of `remote list`. */
export interface RemoteList {
  readonly remotes: readonly ListedRemote[];
}

/** All remotes of the project, by name. */
export function listRemotes({ config }: Project): RemoteList {
  const remotes = Object.entries(config.remotes).map(([name, { url }]) => ({
    name,
    url,
    isDefault: config.remote === name,
    origin: config.origins[`remotes.${name}`] ?? ('default' as const),
  }));
  return { remotes: remotes.toSorted((a, b) => compareCodePoints(a.name, b.name)) };
}
