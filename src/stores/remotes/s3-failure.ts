/** What was tried when an S3 server refused, in the words of its own protocol. */
export interface S3Attempt {
  /** `PutObject`. */
  readonly operation: string;
  /** `s3://bucket/prefix/key`. */
  readonly target: string;
  readonly bucket: string;
  readonly remote: string;
  readonly endpoint: string | null;
  readonly region: string;
  readonly profile: string | null;
  /** The proxy that the way goes through. */
  readonly proxy: string | null;
  /** Whose credentials: `access key AKIA… of profile "team"`. */
  readonly credentials: string;
}

/** A refusal with all that is known of it. `text` is the first line of the SDK's message. */
export interface S3Failure extends S3Attempt {
  readonly code: string;
  readonly status: number | undefined;
  readonly text: string;
  readonly rightRegion: string | null;
}

/** What a person reads, and whether it may pass by itself. */
export interface Telling {
  readonly transient?: true;
  readonly message: string;
  readonly hint: string;
}

/** The way that was taken, as the end of a sentence. */
export function throughProxy({ proxy }: S3Attempt): string {
  return proxy === null ? '' : ` through the proxy ${proxy}`;
}

/** The server as a person knows it. */
export function placeOf({ endpoint, region }: S3Attempt): string {
  return endpoint ?? `AWS (${region})`;
}
