import { readFileSync } from 'node:fs';
import type { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { resolve } from 'node:path';
import { rootCertificates } from 'node:tls';
import { MlopsError } from '../../core/errors.ts';
import { proxyFor } from './proxy.ts';
import type { RemoteOptions } from './remote.ts';

/** The ways to a server: directly or through a proxy, and whose certificates count. */
export interface S3Network {
  /** What the SDK's handler is told of agents; nothing when its own will do. */
  readonly agents: { readonly httpAgent?: HttpAgent; readonly httpsAgent?: HttpsAgent };
  /** Without user and password. */
  readonly proxy: string | null;
}

/** The agents for an endpoint. Proxies are those of the environment; authorities that are named are trusted beside the usual ones. */
export async function networkTo(endpoint: string, options: RemoteOptions): Promise<S3Network> {
  const certificates = namedAuthorities(options);
  const url = URL.canParse(endpoint) ? new URL(endpoint) : null;
  const proxy = url === null ? null : proxyFor(url, options.env);
  if (certificates === null && proxy === null) return { agents: {}, proxy: null };

  const settings = { keepAlive: true, maxSockets: 50, ...(certificates === null ? {} : { ca: certificates }) };
  if (proxy === null) return { agents: { httpsAgent: new HttpsAgent(settings) }, proxy: null };
  if (!/^https?:$/.test(proxy.protocol)) {
    throw new MlopsError('usage', `The proxy ${proxy.protocol}//${proxy.host} is of a kind that is not supported.`, {
      hint: 'Name an HTTP proxy in HTTPS_PROXY, or except this host from it in NO_PROXY.',
    });
  }
  const { HttpProxyAgent, HttpsProxyAgent } = await import('hpagent');
  const through = {
    ...settings,
    proxy,
    ...(certificates === null ? {} : { proxyRequestOptions: { ca: certificates } }),
  };
  const agents = { httpAgent: new HttpProxyAgent(through), httpsAgent: new HttpsProxyAgent(through) };
  return { agents, proxy: `${proxy.protocol}//${proxy.host}` };
}

/** Null when nobody names any: then Node's own count, and those of NODE_EXTRA_CA_CERTS. */
function namedAuthorities({ caFile, root, env }: RemoteOptions): string[] | null {
  const own = caFile
    ? { path: resolve(root, caFile), from: 'caFile' }
    : { path: env['AWS_CA_BUNDLE'], from: 'AWS_CA_BUNDLE' };
  if (!own.path) return null;
  const extra = { path: env['NODE_EXTRA_CA_CERTS'], from: 'NODE_EXTRA_CA_CERTS' };
  return [
    ...rootCertificates,
    ...[own, extra].flatMap(({ path, from }) => (path ? [readCertificates(path, from)] : [])),
  ];
}

function readCertificates(path: string, from: string): string {
  try {
    const text = readFileSync(path, 'utf8');
    if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  } catch (error) {
    throw new MlopsError('usage', `The certificates that ${from} names cannot be read: ${path}.`, {
      hint: `Correct ${from}.`,
      cause: error,
    });
  }
  throw new MlopsError('usage', `${path}, which ${from} names, holds no certificate.`, {
    hint: 'It is to be a text with "-----BEGIN CERTIFICATE-----" (PEM).',
  });
}
