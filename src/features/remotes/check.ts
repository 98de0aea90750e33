import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { MlopsError } from '../../core/errors.ts';
import type { Project } from '../../project/project.ts';
import type { Remote } from '../../stores/remotes/remote.ts';

/** How a remote answered: what it can do, or what is in the way. */
export interface RemoteCheck {
  readonly name: string;
  readonly url: string;
  readonly ok: boolean;
  /** Whether something could be written, read back and deleted; null when that was not tried. */
  readonly writable: boolean | null;
  readonly milliseconds: number;
  readonly message: string;
  readonly hint: string | null;
}

/** Tries a remote for real: lists it, writes a small object, reads a part of it and deletes it again. */
export async function checkRemote(project: Project, name: string): Promise<RemoteCheck> {
  const { url = '' } = project.config.remotes[name] ?? {};
  const startedAt = project.now().getTime();
  const result = (ok: boolean, writable: boolean | null, message: string, hint: string | null): RemoteCheck => {
    return { name, url, ok, writable, milliseconds: project.now().getTime() - startedAt, message, hint };
  };

  let remote: Remote | undefined;
  let canRead = false;
  try {
    remote = await project.openRemote(name);
    if (!(await remote.prepare({ dryRun: true }))) return result(true, null, 'not made yet; the first push does', null);
    await remote.list('v1/packs/')[Symbol.asyncIterator]().next();
    canRead = true;
    if (remote.readOnly) return result(true, null, 'can be read', null);
    await tryWriting(remote);
    return result(true, true, 'can be read and written', null);
  } catch (error) {
    if (!(error instanceof MlopsError)) throw error;
    const message = canRead ? `can be read, but not written: ${error.message}` : error.message;
    return result(canRead, canRead ? false : null, message, error.hint);
  } finally {
    remote?.close();
  }
}

async function tryWriting(remote: Remote): Promise<void> {
  const key = `v1/check/${randomUUID()}`;
  const bytes = Buffer.from('mlops doctor');
  await remote.put(key, { type: 'bytes', bytes }, 'if-absent');
  const back = await buffer(await remote.get(key, { offset: 6, length: 6 }));
  await remote.delete([key]);
  if (back.toString() === 'doctor') return;
  throw new MlopsError('remote-unavailable', `What was written to ${remote.url} came back as something else.`, {
    hint: 'See to the proxy or the disk in between: it alters data.',
  });
}
