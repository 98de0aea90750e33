import type { Readable } from 'node:stream';

/** One key on a remote. `modified` is the server's time in milliseconds since 1970, as the remote's clock has it. */
export interface RemoteEntry {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  readonly modified: number;
}

/** A part of an object: up to `length` bytes from `offset`. Beyond the end there is nothing, and that is no error. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** What is uploaded: bytes in memory, or a file on disk. */
export type Content =
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  | { readonly type: 'file'; readonly path: string; readonly size: number };

/** A store of objects elsewhere. Keys are relative to the remote's URL, with forward slashes (`v1/objects/ab/cdef…`). */
export interface Remote {
  readonly url: string;
  readonly readOnly: boolean;
  /** How many requests may be in flight at once. */
  readonly defaultJobs: number;
  /** How many requests were sent so far, those that were tried again included. */
  readonly requests: number;
  /**
   * Whether the place is there. Without `dryRun` it is made when only its last folder is missing. Called before the first
   * put; everything else fails with `remote-unavailable` while the place is not there.
   */
  prepare(options: { readonly dryRun: boolean }): Promise<boolean>;
  /** Every key that begins with the prefix. A prefix nothing is under gives nothing, not an error. */
  list(prefix: string): AsyncIterable<RemoteEntry>;
  /** The size and age of a key, or undefined when the remote does not hold it. */
  head(key: string): Promise<RemoteEntry | undefined>;
  /** Fails with `data-missing` if the remote does not hold the key, and with `remote-unavailable` for everything else. */
  get(key: string, range?: ByteRange): Promise<Readable>;
  /** The whole content or nothing gets the name. `if-absent` leaves an existing key as it is and says so with `false`. */
  put(key: string, content: Content, mode: 'if-absent' | 'always'): Promise<boolean>;
  /** Whose credentials are used, in words; null where none are. */
  credentials(): Promise<string | null>;
  /** Keys that are not there are no error. */
  delete(keys: readonly string[]): Promise<void>;
  /** Ends uploads that began before a moment and were never finished, by whomever. Returns how many; in a dry run, how many there are. */
  endUnfinished(before: number, options: { readonly dryRun: boolean }): Promise<number>;
  /** Ends what is in flight; nothing is tried again after it. */
  close(): void;
}

/** How a kind of remote is told from its URL and opened. Heavy packages are imported inside `open`. */
export interface RemoteType {
  /** With the colon, as `new URL().protocol` gives it. A plain path counts as `file:`. */
  readonly schemes: readonly string[];
  /** How its URL is written, for messages; null for a kind that is not for users. */
  readonly example: string | null;
  /** What is wrong with a URL of this kind, as a sentence; null when nothing is. Touches no network and no disk. */
  problemOf(url: string): string | null;
  open(url: string, options: RemoteOptions): Promise<Remote>;
}

/** A key pair of S3, for a while when a session belongs to it. */
export interface RemoteCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | null;
}

/** What the configuration says of a remote, and the world it is opened in. */
export interface RemoteOptions {
  readonly name: string;
  readonly region: string | null;
  readonly endpoint: string | null;
  readonly profile: string | null;
  /** null: true exactly when there is an endpoint. */
  readonly pathStyle: boolean | null;
  readonly sse: string | null;
  readonly kmsKey: string | null;
  readonly acl: string | null;
  readonly anonymous: boolean;
  /** Named in a file that is never committed; without them the kind's own chain is asked. */
  readonly credentials?: RemoteCredentials | null;
  /** Whether whoever asks pays for it, and not the bucket's owner. */
  readonly requestPayer?: boolean;
  /** A file with the certificates of authorities that are trusted beside the usual ones. */
  readonly caFile?: string | null;
  /** 32 bytes in base64, with which the server encrypts and which it does not keep. */
  readonly sseCustomerKey?: string | null;
  readonly jobs: number | null;
  /** After so long without a byte a connection is given up; without it, what the kind is good for. */
  readonly silenceMilliseconds?: number;
  /** The folder that a relative path in a URL starts from. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}
