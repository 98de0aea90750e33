import type { OutputName, ProcessExit, Program } from './started-process.ts';

/** What the host of processes is told. `id`: the teller's name for a process. */
export type HostOrder =
  ({ readonly type: 'start'; readonly id: number } & Program) | { readonly type: 'release'; readonly id: number };

/** What the host of processes tells. */
export type HostNews =
  | { readonly type: 'started'; readonly id: number; readonly pid: number }
  | { readonly type: 'failed'; readonly id: number; readonly code: string | undefined; readonly message: string }
  | { readonly type: 'text'; readonly id: number; readonly stream: OutputName; readonly text: string }
  | ({ readonly type: 'exit'; readonly id: number } & ProcessExit)
  | { readonly type: 'silence'; readonly id: number };
