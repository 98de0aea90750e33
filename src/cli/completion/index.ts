import type { CommandEntry } from '../command.ts';
import { GLOBAL_OPTIONS } from '../global-options.ts';
import { bashScript } from './bash.ts';
import type { Completable } from './completable.ts';
import { fishScript } from './fish.ts';
import { zshScript } from './zsh.ts';

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** A shell that there is a script for. */
export type Shell = keyof typeof scripts;

/** All of them. */
export const SHELLS: readonly Shell[] = ['bash', 'zsh', 'fish'];

/** The completion script of a shell. Every command is loaded for its flags; the script itself then runs nothing of ours. */
export async function completionScript(shell: Shell, commands: readonly CommandEntry[]): Promise<string> {
  const completables = await Promise.all(
    commands.map(async ({ name, summary, load }): Promise<Completable> => {
      const options = [...((await load()).options ?? []), ...GLOBAL_OPTIONS];
      const flags = options.flatMap(([names, help]) => {
        const long = /--[\w-]+/.exec(names)?.[0];
        return long === undefined ? [] : [[long, help] as const];
      });
      return { name, summary, flags };
    }),
  );
  return scripts[shell](completables);
}
