import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process, so that it can be told from any other, also one that gets its number later or runs on another machine. */
export interface ProcessName {
  readonly pid: number;
  readonly host: string;
  /** Null where the system does not say. */
  readonly boot: string | null;
  readonly namespace: string | null;
  readonly started: string | null;
}

/** The process that this code runs in. */
export function thisProcess(): ProcessName {
  return (self ??= { pid: process.pid, ...machine(), started: startOf(process.pid) });
}

/** Whether a process is running; null when it cannot be seen from here. */
export function isAlive({ pid, host, boot, namespace, started }: ProcessName): boolean | null {
  const here = machine();
  if (host !== here.host || boot !== here.boot || namespace !== here.namespace) {
    // After a restart nothing of before is alive, and a machine in the same place has the same name.
    return host === here.host && namespace === here.namespace && boot !== null && here.boot !== null ? false : null;
  }
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM' && startOf(pid) === started;
  }
  return started === null || startOf(pid) === started;
}

let self: ProcessName | undefined;
let seen: Pick<ProcessName, 'host' | 'boot' | 'namespace'> | undefined;

function machine(): Pick<ProcessName, 'host' | 'boot' | 'namespace'> {
  return (seen ??= {
    host: hostname(),
    boot: orNull(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    namespace: orNull(() => readlinkSync('/proc/self/ns/pid')),
  });
}

function startOf(pid: number): string | null {
  return orNull(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name, in parentheses, may hold anything; what follows it is plain.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const isZombie = fields[0] === 'Z';
    return isZombie ? null : (fields[19] ?? null);
  });
}

function orNull(read: () => string | null): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}
