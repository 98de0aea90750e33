/** A way to put a cached file into the workspace. */
export type CacheLink = 'reflink' | 'copy' | 'hardlink' | 'symlink';

/** What a configuration says of one remote. Secrets come from files that are never committed. */
export interface RemoteConfig {
  readonly url?: string;
  readonly region?: string;
  readonly endpoint?: string;
  readonly profile?: string;
  readonly pathStyle?: boolean;
  readonly sse?: string;
  readonly kmsKey?: string;
  readonly acl?: string;
  readonly anonymous?: boolean;
  readonly requestPayer?: boolean;
  /** Whether each push leaves a list of what is there, for readers through a web server. */
  readonly listing?: boolean;
  readonly caFile?: string;
  readonly jobs?: number;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly sessionToken?: string;
  readonly sseCustomerKey?: string;
}

/** The settings of one source; what it does not say is not there. */
export interface ConfigLayer {
  readonly remote?: string;
  readonly remotes?: Readonly<Record<string, RemoteConfig>>;
  readonly cache?: {
    readonly dir?: string;
    readonly link?: readonly CacheLink[];
    readonly packBelow?: number;
    /** Days for which the outputs of a run stay, whatever else needs them. */
    readonly keepRuns?: number;
    readonly shared?: 'group';
  };
  readonly jobs?: number;
  readonly resources?: Readonly<Record<string, number>>;
  readonly autostage?: boolean;
}
