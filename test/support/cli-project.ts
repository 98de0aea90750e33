import { expect } from 'vitest';
import { runMlops } from './run-mlops.ts';
import { createSandbox } from './sandbox.ts';

/** A project that `mlops init` made, with files, and a way to type commands in it. */
export async function createCliProject(files: Record<string, string | Uint8Array> = {}) {
  const sandbox = await createSandbox();
  const mlops = (...argv: string[]) => runMlops({ cwd: sandbox.root }, ...argv);
  expect((await mlops('init')).exitCode).toBe(0);
  await sandbox.write(files);
  return { ...sandbox, mlops };
}
