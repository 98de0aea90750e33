import { MlopsError } from '../../core/errors.ts';
import type { Project } from '../../project/project.ts';
import type { Remote } from '../../stores/remotes/remote.ts';
import { type RemoteStep, tryReading, tryWriting } from './steps.ts';

/** How a remote answered: what it can do, or what is in the way. */
export interface RemoteCheck {
  readonly name: string;
  readonly url: string;
  readonly ok: boolean;
  /** Whether something could be written, read back and deleted; null when that was not tried. */
  readonly writable: boolean | null;
  readonly milliseconds: number;
  /** Whose they are, never the secrets; null for a kind that has none. */
  readonly credentials: string | null;
  /** How far its clock is ahead of this machine's; null when that is not known. */
  readonly clockAheadMilliseconds: number | null;
  /** What was tried, in order. */
  readonly steps: readonly RemoteStep[];
  readonly message: string;
  readonly hint: string | null;
}

// Objects that are young are told from old ones by the remote's clock, and the grace period is an hour at least.
const CLOCKS_APART = 60_000;

/** Tries a remote for real: lists it, writes a small object, reads it and a part of it, and deletes it again. */
export async function checkRemote(project: Project, name: string): Promise<RemoteCheck> {
  const { url = '' } = project.config.remotes[name] ?? {};
  const now = () => project.now().getTime();
  const startedAt = now();
  const steps: RemoteStep[] = [];
  let credentials: string | null = null;
  let clock: number | null = null;
  const result = (ok: boolean, writable: boolean | null, message: string, hint: string | null): RemoteCheck => {
    const milliseconds = now() - startedAt;
    return { name, url, ok, writable, milliseconds, credentials, clockAheadMilliseconds: clock, steps, message, hint };
  };

  let remote: Remote | undefined;
  try {
    remote = await project.openRemote(name);
    credentials = await remote.credentials();
    if (!(await remote.prepare({ dryRun: true }))) return result(true, null, 'not made yet; the first push does', null);
    if (remote.readOnly) await tryReading(remote, steps, now);
    else clock = await tryWriting(remote, steps, now);
  } catch (error) {
    if (!(error instanceof MlopsError)) throw error;
    return result(false, null, error.message, error.hint);
  } finally {
    remote?.close();
  }
  const failed = steps.filter(({ ok }) => !ok);
  const [first] = failed;
  if (first === undefined && clock !== null && Math.abs(clock) > CLOCKS_APART) {
    const message = `can be read and written, but its clock is ${Math.round(Math.abs(clock) / 1000)} s ${clock > 0 ? 'ahead of' : 'behind'} this machine's`;
    return result(true, true, message, 'Set the clock of this machine: timedatectl set-ntp true');
  }
  if (first === undefined) {
    return remote.readOnly
      ? result(true, null, 'can be read', null)
      : result(true, true, 'can be read and written', null);
  }
  if (first.operation === 'list') return result(false, null, first.message ?? '', first.hint);
  const what = failed.map(({ operation }) => operation).join(', ');
  const isUnread = failed.some(({ operation }) => operation === 'get' || operation === 'range');
  const message = isUnread
    ? `failed: ${what}: ${first.message}`
    : `can be read, but not written (${what}): ${first.message}`;
  return result(!isUnread, remote.readOnly ? null : false, message, first.hint);
}
