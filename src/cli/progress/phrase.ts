import type { Event } from '../../core/event.ts';
import { formatBytes, formatDuration, formatInteger, formatValue } from '../output/format.ts';
import { reasonText } from '../output/reason.ts';
import { harmless, type Style } from '../output/style.ts';
import type { Pace } from './pace.ts';

type Progress = Extract<Event, { type: 'progress' }>;
type Epoch = Extract<Event, { type: 'epoch' }>;

const PHASES: Readonly<Record<Progress['phase'], string>> = {
  hash: 'Reading',
  cache: 'Storing',
  checkout: 'Checking out',
  push: 'Pushing',
  fetch: 'Fetching',
  list: 'Listing',
  verify: 'Verifying',
};

/** `Pushing 12/3,000 (1.2 MiB/4.0 GiB), 85 MiB/s, 48 s left`. */
export function progressText({ phase, done, total, bytes, totalBytes }: Progress, pace: Pace | null): string {
  const count = total === null ? formatInteger(done) : `${formatInteger(done)}/${formatInteger(total)}`;
  const volume = totalBytes === null ? formatBytes(bytes) : `${formatBytes(bytes)}/${formatBytes(totalBytes)}`;
  const text = `${PHASES[phase]} ${count}${bytes === 0 && totalBytes === null ? '' : ` (${volume})`}`;
  return pace === null
    ? text
    : [
        text,
        bytes === 0 ? `${formatInteger(Math.round(pace.files))}/s` : `${formatBytes(pace.bytes)}/s`,
        ...leftText(pace),
      ].join(', ');
}

function leftText({ left }: Pace): string[] {
  return left === null ? [] : [`${inSeconds(left)} left`];
}

/** `train: epoch 3/60, loss 0.41, val_loss 0.52`. */
export function epochText({ stage, epoch, epochs, metrics }: Epoch): string {
  const values = Object.entries(metrics).map(([name, value]) => `${name} ${formatValue(value, 4)}`);
  return `${stage}: ${[`epoch ${epoch}/${epochs}`, ...values].join(', ')}`;
}

/** `Running prepare 3 s, train 2 min 5 s`: stages, and since when each runs. */
export function runningText(since: ReadonlyMap<string, number>, now: number): string {
  const stages = [...since].map(([stage, at]) => `${stage} ${inSeconds(now - at)}`);
  return `Running ${stages.join(', ')}`;
}

function inSeconds(milliseconds: number): string {
  return formatDuration(Math.max(1_000, Math.round(milliseconds / 1_000) * 1_000)).replace('.0 s', ' s');
}

/** What stays on the screen of an event; null for what is only for the moment. A stage that ends badly after a stop was interrupted. */
export function lastingText(event: Event, style: Style, isStopped = false): string | null {
  switch (event.type) {
    case 'progress':
    case 'epoch':
      return null;
    case 'stage-started': {
      const reasons = event.reasons.map(reasonText).join(', ');
      return `Running stage ${event.stage}${reasons === '' ? '' : style.dim(` (${reasons})`)}`;
    }
    case 'stage-output':
      return `${style.dim(`${event.stage}:`)} ${event.text}`;
    case 'stage-finished':
      return finishedText(event, style, isStopped);
    case 'waiting':
      return `Waiting for ${event.for}, which ${event.owner} holds …`;
    case 'warning': {
      const hint = event.hint === null ? [] : [style.fold(`${style.dim('hint:')} ${harmless(event.hint)}`, 6)];
      return [style.fold(`${style.bad('warning:')} ${harmless(event.message)}`, 9), ...hint].join('\n');
    }
    case 'narration':
      return narrationText(event, style);
  }
}

function finishedText(
  { stage, outcome, milliseconds }: Extract<Event, { type: 'stage-finished' }>,
  style: Style,
  isStopped: boolean,
) {
  if (outcome === 'ran')
    return `${style.good('Ran')} stage ${stage} ${style.dim(`in ${formatDuration(milliseconds)}`)}`;
  if (outcome === 'failed')
    return `${style.bad(isStopped ? 'Interrupted' : 'Failed')}: stage ${stage} ${style.dim(`after ${formatDuration(milliseconds)}`)}`;
  if (outcome === 'restored') return `${style.good('Restored')} stage ${stage} ${style.dim('from the run cache')}`;
  return null;
}

function narrationText({ text, command, output }: Extract<Event, { type: 'narration' }>, style: Style): string | null {
  if (command !== null) return `${style.good('$')} ${command}`;
  if (output !== null) return output.replace(/^(?=.)/gm, '  ');
  return text === null || text === '' ? null : `\n${text}`;
}
