import { packageVersion } from '../../system/package-folder.ts';
import type { Command } from '../command.ts';

/** `mlops version`. */
export const version: Command<object, { version: string; node: string; platform: string }> = {
  name: 'version',
  examples: ['mlops version', 'mlops --version'],

  async run() {
    return {
      version: packageVersion(),
      node: process.versions.node,
      platform: `${process.platform}-${process.arch}`,
    };
  },

  render: ({ version: text }) => text,
};
