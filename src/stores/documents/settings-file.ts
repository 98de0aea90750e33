import { invalidFile } from '../../core/errors.ts';
import type { ConfigLayer } from './config-layer.ts';
import { Decoder } from './decode.ts';
import { decodeSettings, SETTINGS_KEYS } from './settings-decoder.ts';
import { readYaml } from './yaml.ts';

/** What a file of overrides says: this clone's `.mlops.local.yaml`, or a person's own defaults. Fails with all its mistakes. */
export function parseSettings(content: string | Uint8Array, file: string): ConfigLayer {
  const { root, problems, place } = readYaml(content, file);
  const decoder = new Decoder(file, place);
  decoder.problems.push(...problems);
  const fields = root === null ? new Map() : decoder.fields(root, 'a file of settings', SETTINGS_KEYS);
  const settings = decodeSettings(fields, decoder, 'allowed');
  if (decoder.problems.length > 0) throw invalidFile(decoder.problems);
  return settings;
}
