import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { dirname, join } from 'node:path';
import { env } from 'node:process';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { openRemote } from '../../../src/stores/remotes/index.ts';
import type { RemoteOptions } from '../../../src/stores/remotes/remote.ts';
import { standIn } from '../../support/s3-front.ts';
import { type S3Server, s3Missing, startS3Server } from '../../support/s3-server.ts';
import { createFolder } from '../../support/sandbox.ts';

const TOMORROW = new Date(Date.now() + 24 * 3600 * 1000).toISOString();

describe.skipIf(s3Missing !== null)('credentials are found', () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3Server();
  });
  afterAll(() => server?.stop());
  afterEach(() => vi.unstubAllEnvs());

  /** Lists the bucket with what the environment of this process says, and no other: the SDK itself reads it there. */
  async function listWith(
    variables: Record<string, string>,
    files: Record<string, string>,
    options: Partial<RemoteOptions> = {},
  ) {
    const home = await createFolder();
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(join(home, dirname(path)), { recursive: true });
      writeFileSync(join(home, path), content);
    }
    for (const name of Object.keys(env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined);
    const inHome = {
      AWS_CONFIG_FILE: join(home, '.aws/config'),
      AWS_SHARED_CREDENTIALS_FILE: join(home, '.aws/credentials'),
    };
    const given = { HOME: home, AWS_EC2_METADATA_DISABLED: 'true', ...inHome, ...variables };
    for (const [name, value] of Object.entries(given)) vi.stubEnv(name, value.replace('~', home));
    const remote = await openRemote(server.url('x'), server.options({ env: { ...env }, ...options }));
    try {
      return await remote.list('')[Symbol.asyncIterator]().next();
    } finally {
      remote.close();
    }
  }

  const FOUND = { done: true };
  const secrets = () => ({ key: server.env['AWS_ACCESS_KEY_ID'], secret: server.env['AWS_SECRET_ACCESS_KEY'] });
  const asJson =
    (more: object): RequestListener =>
    (_, response) => {
      const { key, secret } = secrets();
      const pair = { AccessKeyId: key, SecretAccessKey: secret, Token: '', Expiration: TOMORROW };
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ ...pair, ...more }));
    };
  const profileOf = ({ key, secret } = secrets()) => `aws_access_key_id = ${key}\naws_secret_access_key = ${secret}\n`;

  test('in a profile of the shared file, named by the remote or by the environment', async () => {
    const files = { '.aws/credentials': `[team]\n${profileOf()}` };
    expect(await listWith({}, files, { profile: 'team' })).toMatchObject(FOUND);
    expect(await listWith({ AWS_PROFILE: 'team' }, files)).toMatchObject(FOUND);
  });

  test('through the program that a profile names', async () => {
    const { key, secret } = secrets();
    const said = JSON.stringify({ Version: 1, AccessKeyId: key, SecretAccessKey: secret });
    const config = `[profile team]\ncredential_process = echo '${said}'\n`;
    expect(await listWith({}, { '.aws/config': config }, { profile: 'team' })).toMatchObject(FOUND);
  });

  test('with the sign-in that SSO has left', async () => {
    const { key, secret } = secrets();
    const portal = await standIn(({ headers }, response) => {
      if (headers['x-amz-sso_bearer_token'] !== 'signed-in') return void response.writeHead(401).end('{}');
      const roleCredentials = {
        accessKeyId: key,
        secretAccessKey: secret,
        sessionToken: 'session',
        expiration: Date.parse(TOMORROW),
      };
      return void response.setHeader('content-type', 'application/json').end(JSON.stringify({ roleCredentials }));
    });
    // The real server knows no sessions.
    const endpoint = await standIn(({ headers }, response) => {
      const isRight =
        headers['x-amz-security-token'] === 'session' && headers.authorization?.includes(`Credential=${key}/`);
      response.writeHead(isRight === true ? 200 : 403, { 'content-type': 'application/xml' });
      response.end('<ListBucketResult><Name>penguins</Name></ListBucketResult>');
    });
    const config = `[profile team]\nsso_session = us\nsso_account_id = 1\nsso_role_name = reader\n[sso-session us]\nsso_region = us-east-1\nsso_start_url = https://us.example.com\n`;
    const token = { accessToken: 'signed-in', expiresAt: TOMORROW };
    const cache = `.aws/sso/cache/${createHash('sha1').update('us').digest('hex')}.json`;
    const files = { '.aws/config': config, [cache]: JSON.stringify(token) };
    const options = { profile: 'team', endpoint };
    expect(await listWith({ AWS_ENDPOINT_URL_SSO: portal }, files, options)).toMatchObject(FOUND);

    const ended = { ...files, [cache]: JSON.stringify({ ...token, expiresAt: '2020-01-01T00:00:00Z' }) };
    await expect(listWith({ AWS_ENDPOINT_URL_SSO: portal }, ended, options)).rejects.toMatchObject({
      kind: 'remote-unavailable',
      hint: expect.stringContaining('aws sso login --profile team'),
    });
  });

  test('for a web identity', async () => {
    const { key, secret } = secrets();
    const sts = await standIn((_, response) => {
      const pair = `<AccessKeyId>${key}</AccessKeyId><SecretAccessKey>${secret}</SecretAccessKey>`;
      const credentials = `<Credentials>${pair}<SessionToken></SessionToken><Expiration>${TOMORROW}</Expiration></Credentials>`;
      response.setHeader('content-type', 'text/xml');
      response.end(
        `<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult>${credentials}</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
      );
    });
    const variables = { AWS_WEB_IDENTITY_TOKEN_FILE: '~/token', AWS_ROLE_ARN: 'arn:aws:iam::1:role/reader' };
    const given = { ...variables, AWS_ENDPOINT_URL_STS: sts, AWS_REGION: 'us-east-1' };
    expect(await listWith(given, { token: 'from the pipeline' })).toMatchObject(FOUND);
  });

  test('of the role of a container', async () => {
    const metadata = await standIn(asJson({}));
    const given = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${metadata}/role` };
    expect(await listWith(given, {})).toMatchObject(FOUND);
  });

  test('of the role of an instance', async () => {
    const metadata = await standIn((request, response) => {
      if (request.method === 'PUT') return void response.end('token');
      if (request.url?.endsWith('/security-credentials/')) return void response.end('reader');
      return asJson({ Code: 'Success', LastUpdated: TOMORROW, Type: 'AWS-HMAC' })(request, response);
    });
    const given = { AWS_EC2_METADATA_DISABLED: 'false', AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata };
    expect(await listWith(given, {})).toMatchObject(FOUND);
  });

  test('nowhere: that is told, with where they may be', async () => {
    await expect(listWith({}, {})).rejects.toMatchObject({
      kind: 'remote-unavailable',
      message: expect.stringContaining('No credentials were found'),
      hint: expect.stringContaining('AWS_PROFILE'),
    });
  });
});
