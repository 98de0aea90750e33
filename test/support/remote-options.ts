import type { RemoteOptions } from '../../src/stores/remotes/remote.ts';

/** A remote of which the configuration says nothing but what the test does. */
export function remoteOptions(options: Partial<RemoteOptions> = {}): RemoteOptions {
  return {
    name: 'origin',
    region: null,
    endpoint: null,
    profile: null,
    pathStyle: null,
    sse: null,
    kmsKey: null,
    acl: null,
    anonymous: false,
    jobs: null,
    root: '/',
    env: {},
    ...options,
  };
}
