import { completionScript, type Shell, SHELLS } from '../completion/index.ts';
import { MlopsError } from '../../core/errors.ts';
import { didYouMean } from '../../core/nearest.ts';
import type { Command } from '../command.ts';

/** `mlops completion`. */
export const completion: Command<object, { readonly shell: Shell; readonly script: string }> = {
  name: 'completion',
  description: 'The script completes commands and their flags, and files elsewhere.',
  args: '<shell>',
  examples: [
    'mlops completion bash > ~/.local/share/bash-completion/completions/mlops',
    'mlops completion zsh > "${fpath[1]}/_mlops"',
    'mlops completion fish > ~/.config/fish/completions/mlops.fish',
  ],

  async run({ args: [typed = ''] }, { commands }) {
    const shell = SHELLS.find((name) => name === typed);
    if (shell !== undefined) return { shell, script: await completionScript(shell, commands) };
    throw new MlopsError('usage', `There is no script for "${typed}"${didYouMean(typed, SHELLS)}`, {
      hint: `mlops completion ${SHELLS.join(' | mlops completion ')}`,
    });
  },

  render: ({ script }) => script,
};
