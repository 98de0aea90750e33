/** What to start, and where. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** How a process ended: with a code, or killed by a signal. */
export interface ProcessExit {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** Which of its two outputs a process wrote to. */
export type OutputName = 'stdout' | 'stderr';

/** Hears what becomes of a process. */
export interface ProcessListener {
  /** Its number is its group's as well. */
  started(pid: number): void;
  /** Pieces of text, cut anywhere. */
  text(stream: OutputName, text: string): void;
  exited(exit: ProcessExit): void;
  /** It could not be started, or nobody knows any more what became of it. */
  failed(error: Error): void;
  /** Nothing more can come from it. */
  silent(): void;
}

/** Lets go of a process's pipes, whoever still holds their other ends. */
export type Release = () => void;
