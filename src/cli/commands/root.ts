import { requireRoot } from '../../project/root.ts';
import type { Command } from '../command.ts';

/** `mlops root`. */
export const root: Command<object, { root: string }> = {
  name: 'root',
  examples: ['mlops root', 'cd "$(mlops root)"'],

  // A project whose files are broken has a root all the same.
  async run(_, { cwd }) {
    return { root: requireRoot(cwd) };
  },

  render: (result) => result.root,
};
