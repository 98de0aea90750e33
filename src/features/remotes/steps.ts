import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { MlopsError } from '../../core/errors.ts';
import type { ByteRange, Remote } from '../../stores/remotes/remote.ts';

/** One thing that was tried with a remote. */
export interface RemoteStep {
  readonly operation: 'list' | 'put' | 'get' | 'range' | 'conditional put' | 'delete';
  readonly ok: boolean;
  readonly milliseconds: number;
  /** Why it failed; null when it did not. */
  readonly message: string | null;
  readonly hint: string | null;
}

type Now = () => number;

const TEXT = 'mlops doctor';

/**
 * Lists, puts, gets, gets a part, puts again on a condition, and deletes. Returns how far the remote's clock is ahead, in
 * milliseconds; null when nothing could be put.
 */
export async function tryWriting(remote: Remote, steps: RemoteStep[], now: Now): Promise<number | null> {
  if (!(await attempt(steps, now, 'list', () => firstKey(remote)))) return null;
  const key = `v1/check/${randomUUID()}`;
  const content = { type: 'bytes' as const, bytes: Buffer.from(TEXT) };
  let ahead: number | null = null;
  const isPut = await attempt(steps, now, 'put', async () => {
    const before = now();
    await remote.put(key, content, 'always');
    const entry = await remote.head(key);
    // Half the time that it took, since nobody knows when in it the object came to be.
    if (entry !== undefined && entry.modified > 0) ahead = Math.round(entry.modified - (before + now()) / 2);
  });
  if (!isPut) return null;
  await attempt(steps, now, 'get', () => expectText(remote, key, undefined, TEXT));
  await attempt(steps, now, 'range', () => expectText(remote, key, { offset: 6, length: 6 }, TEXT.slice(6)));
  await attempt(steps, now, 'conditional put', async () => {
    if (await remote.put(key, content, 'if-absent')) throw overwrites(remote);
  });
  await attempt(steps, now, 'delete', () => remote.delete([key]));
  return ahead;
}

/** Lists, and gets the first thing that is there. */
export async function tryReading(remote: Remote, steps: RemoteStep[], now: Now): Promise<void> {
  let key: string | undefined;
  const isListed = await attempt(steps, now, 'list', async () => {
    key = await firstKey(remote);
  });
  if (!isListed || key === undefined) return;
  const first = key;
  await attempt(
    steps,
    now,
    'range',
    async () => void (await buffer(await remote.get(first, { offset: 0, length: 1 }))),
  );
}

async function attempt(
  steps: RemoteStep[],
  now: Now,
  operation: RemoteStep['operation'],
  work: () => Promise<unknown>,
): Promise<boolean> {
  const startedAt = now();
  try {
    await work();
    steps.push({ operation, ok: true, milliseconds: now() - startedAt, message: null, hint: null });
    return true;
  } catch (error) {
    if (!(error instanceof MlopsError)) throw error;
    const { message, hint } = error;
    steps.push({ operation, ok: false, milliseconds: now() - startedAt, message, hint });
    return false;
  }
}

async function firstKey(remote: Remote): Promise<string | undefined> {
  for await (const { key } of remote.list('v1/')) return key;
  return undefined;
}

async function expectText(remote: Remote, key: string, range: ByteRange | undefined, text: string): Promise<void> {
  const back = await buffer(await remote.get(key, range));
  if (back.toString() === text) return;
  throw new MlopsError('remote-unavailable', `What was written to ${remote.url} came back as something else.`, {
    hint: 'See to the proxy or the disk in between: it alters data.',
  });
}

function overwrites({ url }: Remote): MlopsError {
  return new MlopsError('remote-unavailable', `${url} replaces what is there when it is asked not to.`, {
    hint: 'See to the server: of two clones that push at once, one may undo what the other did.',
  });
}
