import type { Command } from '../command.ts';

/** `mlops root`. */
export const root: Command<object, { root: string }> = {
  name: 'root',
  examples: ['mlops root', 'cd "$(mlops root)"'],

  async run(_, { project }) {
    return { root: (await project()).root };
  },

  render: (result) => result.root,
};
