// The entry of the training child: TensorFlow.js lives here and nowhere else. It may be killed at any time.
import { buffer } from 'node:stream/consumers';
import { MlopsError } from '../../core/errors.ts';
import { fromJson, isMap } from '../../core/value.ts';
import type { HostError, HostJob, HostMessage } from './host-messages.ts';
import { runJob } from './job.ts';

const stopping = new AbortController();
let exitCode = 0;

// The first signal ends the job between two batches; nothing is half written then.
process.on('SIGINT', () => stop(130));
process.on('SIGTERM', () => stop(143));
// Whoever started this is gone: nobody would take the result.
process.on('disconnect', () => stop(143));

try {
  const job = JSON.parse((await buffer(process.stdin)).toString()) as HostJob;
  const settings = fromJson(job.settings);
  const { root, replace } = job;
  const context = { root, replace, tell: send, signal: stopping.signal };
  send({ type: 'result', result: await runJob(job.kind, isMap(settings) ? settings : {}, context) });
} catch (error) {
  if (exitCode === 0) exitCode = 1;
  send({ type: 'error', error: describe(error) });
}
process.exitCode = exitCode;
if (process.connected) process.disconnect();

function stop(code: number): void {
  if (exitCode === 0) exitCode = code;
  stopping.abort();
}

function send(message: HostMessage): void {
  if (process.connected) process.send?.(message);
}

function describe(error: unknown): HostError {
  if (error instanceof MlopsError) return { kind: error.kind, message: error.message, hint: error.hint };
  if (isOutOfMemory(error)) {
    return {
      kind: 'failed',
      message: 'The model with one batch does not fit into the memory of WebAssembly (4 GB).',
      hint: 'Lower fit.batch_size or the widths of the model.',
    };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { kind: 'bug', message, hint: null };
}

/** WebAssembly that cannot get memory aborts, and is of no use afterwards. */
function isOutOfMemory(error: unknown): boolean {
  const isMemory = /Aborted\(|out of memory|memory access out of bounds|Array buffer allocation failed/i;
  return error instanceof Error && (isMemory.test(error.message) || error instanceof WebAssembly.RuntimeError);
}
