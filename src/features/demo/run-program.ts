import { runProcess } from '../../system/run-process.ts';
import type { CommandOutcome } from './demo.ts';

/** Runs a program to its end and keeps what it prints. */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: { cwd: string; env: Readonly<Record<string, string | undefined>>; signal: AbortSignal },
): Promise<CommandOutcome> {
  const texts = { stdout: '', stderr: '' };
  const onLine = (stream: 'stdout' | 'stderr', text: string) => void (texts[stream] += `${text}\n`);
  const { exitCode } = await runProcess(program, args, { ...options, onLine });
  return { exitCode: exitCode ?? 1, out: texts.stdout, err: texts.stderr, result: undefined };
}
