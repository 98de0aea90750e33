import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Event } from '../../../core/event.ts';
import { systemCode } from '../../../core/errors.ts';
import type { Project } from '../../../project/project.ts';

/** What a stage said while it ran, kept in `.mlops/logs/<run>/<stage>.log`. */
export interface StageLog {
  /** Relative to the root; null as long as nothing was said. */
  path(): string | null;
  hear(event: Event): void;
  close(): void;
}

/** Opens the log of a stage; its file is made with its first line. A log that cannot be written is no reason to fail a stage. */
export function openStageLog({ layout, root }: Pick<Project, 'layout' | 'root'>, run: string, stage: string): StageLog {
  const file = join(layout.logs, run, `${encodeURIComponent(stage)}.log`);
  let fd: number | null = null;
  let isLost = false;

  function write(line: string): void {
    if (isLost) return;
    try {
      if (fd === null) {
        mkdirSync(join(layout.logs, run), { recursive: true });
        fd = openSync(file, 'a');
      }
      writeSync(fd, `${line}\n`);
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      isLost = true;
    }
  }

  return {
    path: () => (fd === null ? null : relative(root, file).replaceAll('\\', '/')),
    hear(event) {
      if (event.type === 'stage-output') write(event.text);
      if (event.type === 'epoch') write(JSON.stringify({ epoch: event.epoch, epochs: event.epochs, ...event.metrics }));
    },
    close() {
      if (fd !== null) closeSync(fd);
    },
  };
}

const KEPT_RUNS = 50;

/** Lets go of the logs of all but the newest runs. */
export function pruneLogs({ layout }: Pick<Project, 'layout'>): void {
  try {
    // The ids of runs sort by their start.
    const runs = readdirSync(layout.logs).toSorted();
    for (const run of runs.slice(0, -KEPT_RUNS)) rmSync(join(layout.logs, run), { recursive: true, force: true });
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
  }
}
