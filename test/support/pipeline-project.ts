import type { Event } from '../../src/core/event.ts';
import type { StageOutcome } from '../../src/core/run.ts';
import { reproduce, type ReproRequest, type ReproResult } from '../../src/features/pipeline/repro.ts';
import type { StatusResult } from '../../src/features/pipeline/status.ts';
import { openProject } from '../../src/project/open.ts';
import type { Project } from '../../src/project/project.ts';
import { createSandbox, GIT_ENV } from './sandbox.ts';

interface Circumstances {
  readonly env?: Record<string, string>;
  readonly signal?: AbortSignal;
  readonly now?: Date;
  readonly onEvent?: (event: Event) => void;
}

/** A project in a sandbox, opened anew for each question, as each command does. */
export async function createPipelineProject(pipeline: string, files: Record<string, string> = {}) {
  const sandbox = await createSandbox({ '.mlops.yaml': pipeline, ...files });
  const events: Event[] = [];

  const open = (around: Circumstances = {}): Promise<Project> =>
    openProject(sandbox.root, {
      env: { ...GIT_ENV, XDG_CONFIG_HOME: '/nowhere', ...around.env },
      now: () => around.now ?? new Date(),
      report: (event) => {
        events.push(event);
        around.onEvent?.(event);
      },
      signal: around.signal ?? new AbortController().signal,
      waitMilliseconds: 0,
    });

  return {
    ...sandbox,
    events,
    open,
    repro: async (request: Partial<ReproRequest> = {}, around?: Circumstances): Promise<ReproResult> =>
      reproduce(await open(around), request),
    status: async (...targets: string[]): Promise<StatusResult> => {
      const { statusOf } = await import('../../src/features/pipeline/status.ts');
      return statusOf(await open(), { targets });
    },
  };
}

/** `{ prepare: 'ran', train: 'up-to-date' }`. */
export function outcomesOf({ stages }: ReproResult): Record<string, StageOutcome> {
  return Object.fromEntries(stages.map(({ stage, outcome }) => [stage, outcome]));
}

/** The types of a stage's reasons. */
export function reasonsOf({ stages }: ReproResult, name: string): string[] {
  return stages.find(({ stage }) => stage === name)?.reasons.map(({ type }) => type) ?? [];
}
