import { env as processEnv } from 'node:process';
import type * as S3Sdk from '@aws-sdk/client-s3';
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import type { RemoteOptions } from './remote.ts';
import { networkTo, type S3Network } from './s3-network.ts';
import { withoutChecksums, type Knowledge } from './s3-knowledge.ts';

/** The package, as loaded on first use. */
export type Sdk = typeof S3Sdk;

/** A client, and in words whose credentials it uses. */
export interface Connection {
  readonly client: S3Client;
  readonly credentials: () => Promise<string>;
  readonly network: S3Network;
  readonly knows: Knowledge;
}

const QUIET = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/** Connects with the SDK's whole credential chain; what the configuration says comes first. Sends nothing yet. */
export async function connect(sdk: Sdk, options: RemoteOptions, countRequest: () => void): Promise<Connection> {
  const knows: Knowledge = { checksums: true, conditions: true };
  const network = await networkTo(endpointOf(options) ?? 'https://s3.amazonaws.com', options);
  const config = configOf(options, network, knows);
  let client = create(sdk, config);
  if (config.region === undefined && !(await hasRegion(client)))
    client = create(sdk, { ...config, region: 'us-east-1' });

  client.middlewareStack.add(
    (next) => (args) => {
      countRequest();
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low', name: 'countRequest' },
  );
  if (options.requestPayer === true) payForRequests(client);
  withoutChecksums(client, knows);
  return { client, credentials: () => describeCredentials(client, options), network, knows };
}

function configOf(options: RemoteOptions, { agents }: S3Network, knows: Knowledge): S3ClientConfig {
  const { env } = options;
  const region = options.region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'];
  const endpoint = endpointOf(options);
  const profile = options.profile ?? env['AWS_PROFILE'];
  return {
    ...(region === undefined ? (endpoint === undefined ? {} : { region: 'us-east-1' }) : { region }),
    ...(endpoint === undefined ? { followRegionRedirects: true } : { endpoint }),
    ...(profile === undefined ? {} : { profile }),
    ...credentialsOf(options),
    forcePathStyle: options.pathStyle ?? endpoint !== undefined,
    requestChecksumCalculation: async () => (knows.checksums ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED'),
    // Every byte that arrives is hashed anyway.
    responseChecksumValidation: 'WHEN_REQUIRED',
    // Trying again is done in one place (retry.ts).
    maxAttempts: 1,
    logger: QUIET,
    requestHandler: {
      ...agents,
      connectionTimeout: 10_000,
      socketTimeout: options.silenceMilliseconds ?? 60_000,
      socketAcquisitionWarningTimeout: 2 ** 31 - 1,
    },
  };
}

function endpointOf({ endpoint, env }: RemoteOptions): string | undefined {
  return endpoint ?? env['AWS_ENDPOINT_URL_S3'] ?? env['AWS_ENDPOINT_URL'];
}

function payForRequests(client: S3Client): void {
  client.middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as { headers: Record<string, string> };
      headers['x-amz-request-payer'] = 'requester';
      return next(args);
    },
    { step: 'build', name: 'payForRequests' },
  );
}

function credentialsOf(options: RemoteOptions): S3ClientConfig {
  if (options.anonymous) {
    return { credentials: { accessKeyId: '', secretAccessKey: '' }, signer: { sign: async (request) => request } };
  }
  if (options.credentials) {
    const { sessionToken, ...pair } = options.credentials;
    return { credentials: { ...pair, ...(sessionToken === null ? {} : { sessionToken }) } };
  }
  const accessKeyId = options.env['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = options.env['AWS_SECRET_ACCESS_KEY'];
  if (options.profile !== null || !accessKeyId || !secretAccessKey) return {};
  const sessionToken = options.env['AWS_SESSION_TOKEN'];
  return { credentials: { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) } };
}

async function hasRegion(client: S3Client): Promise<boolean> {
  try {
    return (await client.config.region()) !== '';
  } catch {
    return false;
  }
}

async function describeCredentials(client: S3Client, options: RemoteOptions): Promise<string> {
  if (options.anonymous) return 'no credentials (anonymous)';
  const key = await client.config.credentials().then(
    ({ accessKeyId }) => `access key ${accessKeyId}`,
    () => 'no credentials',
  );
  if (options.credentials) return `${key} from the settings of the remote`;
  if (options.profile !== null) return `${key} of profile "${options.profile}"`;
  return options.env['AWS_ACCESS_KEY_ID'] ? `${key} from AWS_ACCESS_KEY_ID` : key;
}

/** The SDK announces the end of its support for a Node version on stderr; only this variable of the process keeps it quiet. */
function create(sdk: Sdk, config: S3ClientConfig): S3Client {
  const name = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED';
  const before = processEnv[name];
  processEnv[name] = 'true';
  try {
    return new sdk.S3Client(config);
  } finally {
    if (before === undefined) delete processEnv[name];
    else processEnv[name] = before;
  }
}
