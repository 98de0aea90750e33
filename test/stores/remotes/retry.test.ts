import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { MlopsError } from '../../../src/core/errors.ts';
import type { ByteRange, Remote, RemoteEntry } from '../../../src/stores/remotes/remote.ts';
import { type Patience, retry, retrying, TransientError, waitBefore } from '../../../src/stores/remotes/retry.ts';

function patient(waits: number[], attempts = 3): Patience {
  return {
    attempts,
    firstWaitMilliseconds: 100,
    longestWaitMilliseconds: 1_000,
    wait: async (milliseconds) => void waits.push(milliseconds),
    random: () => 0.5,
  };
}

const forever = new AbortController().signal;

test('what passes by itself is tried again, with longer and longer waits', async () => {
  const waits: number[] = [];
  let attempts = 0;
  const work = async () => {
    attempts += 1;
    if (attempts < 3) throw new TransientError('The server is busy.');
    return 'there';
  };
  expect(await retry(work, patient(waits), forever)).toBe('there');
  expect(waits).toEqual([50, 100]);
});

test('when patience ends, the error says how often, and is not tried again by anyone above', async () => {
  const waits: number[] = [];
  const error = await retry(
    () => Promise.reject(new TransientError('The server is busy.', { hint: 'Wait.' })),
    patient(waits),
    forever,
  ).catch((caught: unknown) => caught);
  expect(error).toMatchObject({
    kind: 'remote-unavailable',
    message: 'The server is busy, 3 times in a row.',
    hint: 'Wait.',
  });
  expect(error).not.toBeInstanceOf(TransientError);
  expect(waits).toHaveLength(2);
});

test('a refusal is not tried again', async () => {
  const waits: number[] = [];
  const refused = new MlopsError('remote-unavailable', 'Access denied.');
  await expect(retry(() => Promise.reject(refused), patient(waits), forever)).rejects.toBe(refused);
  expect(waits).toEqual([]);
});

test('waits double up to a limit, and the dice decide below it', () => {
  const patience = patient([]);
  expect([1, 2, 3, 4, 5, 6].map((attempt) => waitBefore(attempt, patience))).toEqual([50, 100, 200, 400, 500, 500]);
  expect(waitBefore(1, { ...patience, random: () => 0 })).toBe(0);
});

/** A remote with one object whose downloads break off after some bytes, so many times. */
class TornRemote implements Remote {
  readonly url = 'memory://torn';
  readonly readOnly = true;
  readonly defaultJobs = 1;
  readonly requests = 0;
  readonly ranges: (ByteRange | undefined)[] = [];
  readonly #content: string;
  #failures: number;

  constructor(content: string, failures: number) {
    this.#content = content;
    this.#failures = failures;
  }

  prepare = async () => true;
  head = async () => undefined;
  put = async () => false;
  delete = async () => {};
  credentials = async () => null;
  endUnfinished = async () => 0;
  close = () => {};

  async *list(): AsyncGenerator<RemoteEntry> {
    yield { key: 'a', size: 1, modified: 0 };
    if (this.#failures-- > 0) throw new TransientError('The list broke off.');
    yield { key: 'b', size: 1, modified: 0 };
  }

  async get(_key: string, range?: ByteRange): Promise<Readable> {
    this.ranges.push(range);
    const rest = this.#content.slice(range?.offset ?? 0);
    const breaks = this.#failures-- > 0;
    return Readable.from(
      (async function* () {
        yield Buffer.from(breaks ? rest.slice(0, 4) : rest);
        if (breaks) throw new TransientError('The download broke off.');
      })(),
    );
  }
}

test('a download that breaks off goes on from where it stopped', async () => {
  const torn = new TornRemote('adelie gentoo chinstrap', 2);
  expect(await text(await retrying(torn, patient([])).get('penguins'))).toBe('adelie gentoo chinstrap');
  expect(torn.ranges.map((range) => range?.offset)).toEqual([undefined, 4, 8]);
});

test('a download that breaks off again and again without a byte more ends in an error', async () => {
  const torn = new TornRemote('', 100);
  await expect(text(await retrying(torn, patient([])).get('penguins'))).rejects.toMatchObject({
    message: 'The download broke off, 3 times in a row.',
  });
});

test('a list that breaks off begins again, and tells each key once', async () => {
  const keys: string[] = [];
  for await (const { key } of retrying(new TornRemote('', 1), patient([])).list('')) keys.push(key);
  expect(keys).toEqual(['a', 'b']);
});

test('after close nothing is tried again', async () => {
  const torn = new TornRemote('adelie', 100);
  const remote = retrying(torn, patient([]));
  const download = await remote.get('penguins');
  remote.close();
  await expect(text(download)).rejects.toMatchObject({ message: 'The download broke off.' });
});
