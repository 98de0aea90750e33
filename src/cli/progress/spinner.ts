import type { Ora } from 'ora';
import type { World } from '../command.ts';
import type { Terminal } from '../output/terminal.ts';
import type { View } from './view.ts';
import { watchPace } from './pace.ts';
import { epochText, lastingText, progressText, runningText } from './phrase.ts';

// Short work ends before anyone could read what it was; and the spinner's package takes time to load.
const PATIENCE = 300;
const FRAME = 80;
const SECOND = 1_000;

/** What moves on one line that changes, what lasts above it. */
export function spinnerView({ note, errStyle }: Terminal, { err, now, columns, signal }: World): View {
  const startedAt = now().getTime();
  let spinner: Ora | undefined;
  let isLoading = false;
  let isClosed = false;
  let drawnAt = 0;
  let timer: NodeJS.Timeout | undefined;
  let clock: NodeJS.Timeout | undefined;
  /** What moves now; empty: nothing. */
  let current = '';
  /** Since when, by stage. */
  const running = new Map<string, number>();
  const paceOf = watchPace();

  async function load(): Promise<void> {
    isLoading = true;
    const { default: ora } = await import('ora');
    const color = errStyle.good('x') === 'x' ? false : 'cyan';
    if (isClosed) return;
    spinner = ora({ color, discardStdin: false, stream: streamOf(err, columns) });
    if (current !== '') spinner.start(lineOf(current));
  }

  function lineOf(text: string): string {
    return text.slice(0, columns - 4);
  }

  function show(text: string): void {
    const time = now().getTime();
    current = text;
    if (time - startedAt < PATIENCE) {
      // What takes long may say nothing more for long.
      timer ??= setTimeout(showAgain, PATIENCE).unref();
      return;
    }
    if (spinner === undefined) return void (isLoading || load());
    const line = lineOf(text);
    if (!spinner.isSpinning) return void spinner.start(line);
    spinner.text = line;
    // Synchronous work leaves the spinner's own timer no turn.
    if (time - drawnAt < FRAME) return;
    drawnAt = time;
    spinner.render();
  }

  function showAgain(): void {
    timer = undefined;
    if (current !== '') show(current);
  }

  /** Says how long stages have been running, also while they say nothing. */
  function showRunning(): void {
    clearTimeout(clock);
    if (running.size === 0) return;
    show(runningText(running, now().getTime()));
    clock = setTimeout(showRunning, SECOND).unref();
  }

  return {
    report: (event) => {
      // There is one line for all that moves.
      clearTimeout(clock);
      if (event.type === 'progress') return show(progressText(event, paceOf(event, now().getTime())));
      if (event.type === 'epoch') return show(epochText(event));
      if (event.type === 'stage-started') running.set(event.stage, now().getTime());
      if (event.type === 'stage-finished') running.delete(event.stage);
      const text = lastingText(event, errStyle, signal.aborted);
      if (text === null) return;
      // What moved before is over, unless a stage goes on.
      current = '';
      spinner?.stop();
      note(text);
      showRunning();
    },
    close: () => {
      isClosed = true;
      current = '';
      clearTimeout(timer);
      clearTimeout(clock);
      spinner?.stop();
    },
  };
}

/** The world's stderr as the spinner wants it: a terminal that can move its cursor. */
function streamOf(err: (text: string) => void, columns: number): NodeJS.WriteStream {
  const stream = {
    isTTY: true,
    columns,
    write: (text: string) => (err(text), true),
    cursorTo: (column: number) => (err(`\u001b[${column + 1}G`), true),
    moveCursor: (_: number, lines: number) => (err(lines < 0 ? `\u001b[${-lines}A` : ''), true),
    clearLine: () => (err('\u001b[2K'), true),
  };
  return stream as unknown as NodeJS.WriteStream;
}
