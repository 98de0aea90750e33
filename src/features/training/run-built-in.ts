import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BuiltIn } from '../../core/built-in/index.ts';
import { MlopsError } from '../../core/errors.ts';
import type { Report } from '../../core/event.ts';
import { type Json, toJson, type ValueMap } from '../../core/value.ts';
import { packageFolder } from '../../system/package-folder.ts';
import { runProcess } from '../../system/run-process.ts';
import type { HostError, HostJob, HostMessage } from './host-messages.ts';

/** What a built-in stage may see of the world while it runs. */
export interface BuiltInContext {
  readonly root: string;
  /** The name that events carry. */
  readonly stage: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly report: Report;
  readonly signal: AbortSignal;
  /** Whether a model folder that is there may be replaced; a pipeline has put it aside. */
  readonly replace?: boolean;
}

/** How a built-in stage ended: with a result, or with an error that is already a sentence. */
export interface BuiltInExit {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly error: HostError | null;
  readonly result: Json | null;
}

// Without these, its arithmetic depends on the number of cores, and it talks.
const NATIVE_ENV = { TF_NUM_INTRAOP_THREADS: '1', TF_NUM_INTEROP_THREADS: '1', TF_CPP_MIN_LOG_LEVEL: '3' };

/** Runs a built-in stage in a child process of its own, which may be ended at any time. */
export async function runBuiltIn(kind: BuiltIn, settings: ValueMap, context: BuiltInContext): Promise<BuiltInExit> {
  const { root, report, signal, stage, env, replace = true } = context;
  const job: HostJob = { kind, root, settings: toJson(settings), replace };
  let error: HostError | null = null;
  let result: Json | null = null;

  function hear(message: HostMessage): void {
    switch (message.type) {
      case 'epoch':
        return report({ ...message, stage });
      case 'warning':
        return report(message);
      case 'result':
        result = message.result;
        return;
      case 'error':
        error = message.error;
    }
  }

  const exit = await runProcess(process.execPath, [hostFile()], {
    cwd: root,
    env: { ...NATIVE_ENV, ...env },
    signal,
    ipc: true,
    input: JSON.stringify(job),
    onLine: (stream, text) => report({ type: 'stage-output', stage, stream, text }),
    // Only our own child has this channel.
    onMessage: (message) => hear(message as HostMessage),
  });
  return { ...exit, error, result };
}

function hostFile(): string {
  const file = join(packageFolder(), 'dist', 'training-host.js');
  if (existsSync(file)) return file;
  throw new MlopsError('failed', `${file} is missing from the installation.`, { hint: 'npm run build' });
}
