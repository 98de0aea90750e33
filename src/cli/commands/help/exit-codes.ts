import type { Command } from '../../command.ts';
import { EXIT_CODE_MEANINGS } from '../../exit-codes.ts';

interface ExitCodes {
  readonly exitCodes: readonly { readonly code: number; readonly meaning: string }[];
}

/** `mlops help exit-codes`. */
export const helpExitCodes: Command<object, ExitCodes> = {
  name: 'help exit-codes',
  examples: ['mlops help exit-codes', 'mlops status --check || echo "exit code $?"'],

  async run() {
    return { exitCodes: EXIT_CODE_MEANINGS.map(([code, meaning]) => ({ code, meaning })) };
  },

  render: ({ exitCodes }) => exitCodes.map(({ code, meaning }) => `${String(code).padStart(5)}  ${meaning}`).join('\n'),
};
