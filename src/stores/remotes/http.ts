import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { MlopsError } from '../../core/errors.ts';
import { explained } from './body.ts';
import { decodeListing, LISTING } from './listing.ts';
import type { ByteRange, Remote, RemoteEntry, RemoteOptions, RemoteType } from './remote.ts';
import { TransientError } from './retry.ts';

/** A web server that has the files of a remote: it is read from, and never written to. */
export const httpRemote: RemoteType = {
  schemes: ['http:', 'https:'],
  example: 'https://example.com/data/iris (to read from)',
  problemOf: (url) => (URL.canParse(url) ? null : `"${url}" is not a URL.`),
  open: async (url, options) => new HttpRemote(url, options),
};

class HttpRemote implements Remote {
  readonly url: string;
  readonly readOnly = true;
  readonly defaultJobs: number;
  requests = 0;
  readonly #name: string;
  readonly #closing = new AbortController();
  #listing: Promise<RemoteEntry[]> | undefined;

  constructor(url: string, { name, jobs }: RemoteOptions) {
    this.url = url.replace(/\/+$/, '');
    this.#name = name;
    this.defaultJobs = jobs ?? 8;
  }

  prepare(): Promise<boolean> {
    return Promise.resolve(true);
  }

  async *list(prefix: string): AsyncGenerator<RemoteEntry> {
    this.#listing ??= this.#readListing();
    for (const entry of await this.#listing) if (entry.key.startsWith(prefix)) yield entry;
  }

  async head(key: string): Promise<RemoteEntry | undefined> {
    const response = await this.#ask('HEAD', key);
    if (isAbsent(response)) return undefined;
    if (!response.ok) throw this.#refused(key, response);
    const modified = Date.parse(response.headers.get('last-modified') ?? '');
    return {
      key,
      size: Number(response.headers.get('content-length') ?? 0),
      modified: Number.isNaN(modified) ? 0 : modified,
    };
  }

  async get(key: string, range?: ByteRange): Promise<Readable> {
    if (range !== undefined && range.length <= 0) return Readable.from([]);
    const response = await this.#ask('GET', key, range);
    if (response.status === 416) return Readable.from([]);
    if (isAbsent(response)) throw new MlopsError('data-missing', `${this.url} does not hold ${key}.`);
    if (!response.ok || response.body === null) throw this.#refused(key, response);
    if (/^text\/html\b/i.test(response.headers.get('content-type') ?? '')) {
      await response.body.cancel();
      throw this.#failed(
        `answered with a web page in place of ${key}`,
        'A proxy or a login page stands in between: open the URL in a browser.',
      );
    }
    const body = Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
    // A server that knows no ranges sends all of it.
    const skipped = range !== undefined && response.status !== 206 ? cut(body, range) : body;
    return explained(skipped, (error) => this.#broken(key, error));
  }

  put(): Promise<boolean> {
    return Promise.reject(this.#failed('can only be read from', `Push to another remote: mlops push -r <name>`));
  }

  delete(): Promise<void> {
    return Promise.reject(this.#failed('can only be read from', `Delete from another remote.`));
  }

  endUnfinished(): Promise<number> {
    return Promise.resolve(0);
  }

  credentials(): Promise<null> {
    return Promise.resolve(null);
  }

  close(): void {
    this.#closing.abort();
  }

  async #readListing(): Promise<RemoteEntry[]> {
    const response = await this.#ask('GET', LISTING);
    if (isAbsent(response)) {
      throw this.#failed(
        `does not say what it holds (${LISTING} is not there)`,
        'Each push writes it where that is asked for: mlops remote modify <name> listing true',
      );
    }
    if (!response.ok) throw this.#refused(LISTING, response);
    return decodeListing(await response.text());
  }

  async #ask(method: string, key: string, range?: ByteRange): Promise<Response> {
    this.requests += 1;
    const end = range === undefined || range.length === Number.MAX_SAFE_INTEGER ? '' : range.offset + range.length - 1;
    const headers: Record<string, string> = {
      'accept-encoding': 'identity',
      ...(range === undefined ? {} : { range: `bytes=${range.offset}-${end}` }),
    };
    try {
      return await fetch(`${this.url}/${key}`, { method, headers, signal: this.#closing.signal });
    } catch (error) {
      throw this.#broken(key, error);
    }
  }

  #broken(key: string, error: unknown): MlopsError {
    if (error instanceof MlopsError) return error;
    const { cause } = error as { cause?: { code?: string; message?: string } };
    const why = cause?.code ?? cause?.message ?? (error as Error).message;
    const message = `Remote "${this.#name}": ${key} could not be read from ${this.url}: ${why}.`;
    const details = { cause: error, hint: hintFor(why) };
    return /CERT|SSL|TLS|ENOTFOUND|Invalid URL/i.test(why)
      ? new MlopsError('remote-unavailable', message, details)
      : new TransientError(message, details);
  }

  #refused(key: string, { status }: Response): MlopsError {
    if (status >= 500 || status === 429 || status === 408) {
      return new TransientError(`Remote "${this.#name}": ${this.url} answered ${status} for ${key}.`, {
        hint: 'The server has trouble: try again later.',
      });
    }
    const hint =
      status === 401 || status === 403
        ? 'It wants to know who asks, which remotes of this kind cannot say.'
        : 'See that its URL is right.';
    return this.#failed(`answered ${status} for ${key}`, hint);
  }

  #failed(what: string, hint: string): MlopsError {
    return new MlopsError('remote-unavailable', `Remote "${this.#name}": ${this.url} ${what}.`, { hint });
  }
}

function isAbsent({ status }: Response): boolean {
  return status === 404 || status === 410;
}

function hintFor(why: string): string {
  if (/CERT|SSL|TLS/i.test(why)) return 'Its certificate is not trusted: name the authority in NODE_EXTRA_CA_CERTS.';
  return /ENOTFOUND/.test(why)
    ? 'No such host: see to the URL and the network.'
    : 'See to the URL, the network and the proxy.';
}

function cut(body: Readable, { offset, length }: ByteRange): Readable {
  async function* part(): AsyncGenerator<Uint8Array> {
    let at = 0;
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      const wanted = chunk.subarray(Math.max(0, offset - at), Math.max(0, offset + length - at));
      at += chunk.length;
      if (wanted.length > 0) yield wanted;
      if (at >= offset + length) return;
    }
  }
  return Readable.from(part(), { objectMode: false });
}
