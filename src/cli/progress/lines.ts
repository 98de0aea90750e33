import type { World } from '../command.ts';
import type { Terminal } from '../output/terminal.ts';
import type { View } from './view.ts';
import { watchPace } from './pace.ts';
import { epochText, lastingText, progressText } from './phrase.ts';

// A log is read later: what moves is told now and then.
const EVERY = 10_000;

/** Plain lines, for logs and CI. */
export function linesView({ note, errStyle }: Terminal, { now, signal }: Pick<World, 'now' | 'signal'>): View {
  const paceOf = watchPace();
  let toldAt = now().getTime();
  return {
    report: (event) => {
      const lasting = lastingText(event, errStyle, signal.aborted);
      if (lasting !== null) return note(lasting);
      const time = now().getTime();
      const isTime = time - toldAt >= EVERY;
      const pace = event.type === 'progress' ? paceOf(event, time) : null;
      if (event.type === 'epoch' && (isTime || event.epoch === event.epochs)) note(epochText(event));
      else if (event.type === 'progress' && isTime) note(progressText(event, pace));
      else return;
      toldAt = time;
    },
    close: () => undefined,
  };
}
