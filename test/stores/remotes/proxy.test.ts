import { expect, test } from 'vitest';
import { proxyFor } from '../../../src/stores/remotes/proxy.ts';

const BOTH = { HTTPS_PROXY: 'http://secure:1', HTTP_PROXY: 'http://plain:2' };

test.each([
  ['https://s3.amazonaws.com', {}, null],
  ['https://s3.amazonaws.com', BOTH, 'http://secure:1/'],
  ['http://minio:9000', BOTH, 'http://plain:2/'],
  ['https://s3.amazonaws.com', { HTTP_PROXY: 'http://plain:2' }, null],
  ['https://s3.amazonaws.com', { ALL_PROXY: 'proxy:3128' }, 'http://proxy:3128/'],
  ['https://s3.amazonaws.com', { HTTPS_PROXY: 'http://large:1', https_proxy: 'http://small:1' }, 'http://small:1/'],
  ['https://s3.amazonaws.com', { HTTPS_PROXY: '' }, null],
  ['https://s3.amazonaws.com', { ...BOTH, NO_PROXY: '*' }, null],
  ['https://s3.amazonaws.com', { ...BOTH, NO_PROXY: '.amazonaws.com' }, null],
  ['https://s3.amazonaws.com', { ...BOTH, NO_PROXY: 'localhost, *.Amazonaws.com' }, null],
  ['https://s3.amazonaws.com', { ...BOTH, no_proxy: 's3.amazonaws.com:443' }, null],
  ['https://s3.amazonaws.com', { ...BOTH, NO_PROXY: 's3.amazonaws.com:8443' }, 'http://secure:1/'],
  ['https://s3.amazonaws.com', { ...BOTH, NO_PROXY: 'azonaws.com' }, 'http://secure:1/'],
  ['http://127.0.0.1:9000', { ...BOTH, NO_PROXY: '127.0.0.1' }, null],
])('%s with %j goes through %s', (url, env, proxy) => {
  expect(proxyFor(new URL(url), env)?.href ?? null).toBe(proxy);
});
