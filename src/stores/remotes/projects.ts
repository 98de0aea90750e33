import { text } from 'node:stream/consumers';
import type { Remote } from './remote.ts';

const PROJECTS = 'v1/projects/';

/** A project that has pushed to a remote. */
export interface RemoteProject {
  readonly id: string;
  /** For a person. */
  readonly name: string;
}

/** Says that a project uses this remote. One that is known already stays as it is. */
export async function registerProject(remote: Remote, { id, name }: RemoteProject): Promise<void> {
  await remote.put(`${PROJECTS}${id}`, { type: 'bytes', bytes: Buffer.from(`${name}\n`) }, 'if-absent');
}

/** The projects that use this remote. */
export async function registeredProjects(remote: Remote): Promise<RemoteProject[]> {
  const projects: RemoteProject[] = [];
  for await (const { key } of remote.list(PROJECTS)) {
    projects.push({ id: key.slice(PROJECTS.length), name: (await text(await remote.get(key))).trim() });
  }
  return projects;
}

/** Takes a project that is gone out. */
export async function forgetProject(remote: Remote, id: string): Promise<void> {
  await remote.delete([`${PROJECTS}${id}`]);
}
