import type { ConfigLayer } from './config-layer.ts';

/** What a file of overrides says: this clone's `.mlops.local.yaml`, or a person's own defaults. */
export function parseSettings(_bytes: Uint8Array, _file: string, _kind: 'user' | 'local'): ConfigLayer {
  return {};
}
