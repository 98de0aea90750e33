import type { CommandEntry } from '../command.ts';

/** Everything one can type, in the order of the help. A command is loaded when it is typed. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'root',
    group: 'tool',
    summary: "Print the project's root.",
    load: async () => (await import('./root.ts')).root,
  },
  {
    name: 'version',
    group: 'tool',
    summary: 'Print the version.',
    load: async () => (await import('./version.ts')).version,
  },
  {
    name: 'help',
    group: 'tool',
    summary: 'Explain a command, or the exit codes.',
    load: async () => (await import('./help.ts')).help,
  },
];
