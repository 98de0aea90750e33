import type { Event } from '../../src/core/event.ts';
import { initProject } from '../../src/project/init.ts';
import { openProject } from '../../src/project/open.ts';
import type { Project, Surroundings } from '../../src/project/project.ts';
import { createSandbox, GIT_ENV, type Sandbox } from './sandbox.ts';

/** A project on disk, opened as the command line would, with what it reported. */
export interface OpenedProject {
  readonly sandbox: Sandbox;
  readonly events: Event[];
  /** Opened anew, as each command does. */
  open(surroundings?: Partial<Surroundings>, cwd?: string): Promise<Project>;
}

/** A new project in a new Git repository. The environment holds nothing of the machine's user. */
export async function createProject(files: Parameters<typeof createSandbox>[0] = {}): Promise<OpenedProject> {
  const sandbox = await createSandbox();
  await initProject({ cwd: sandbox.root, git: true, subdir: false, force: false, env: GIT_ENV });
  await sandbox.write(files ?? {});
  return openedProject(sandbox);
}

/** A folder that holds a project already: a clone. */
export function openedProject(sandbox: Sandbox): OpenedProject {
  const events: Event[] = [];
  const open = (surroundings: Partial<Surroundings> = {}, cwd = sandbox.root) =>
    openProject(cwd, {
      env: {},
      now: () => new Date(),
      report: (event) => void events.push(event),
      signal: new AbortController().signal,
      waitMilliseconds: 0,
      ...surroundings,
    });
  return { sandbox, events, open };
}
