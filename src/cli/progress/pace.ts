import type { Event } from '../../core/event.ts';

type Progress = Extract<Event, { type: 'progress' }>;

/** How fast work goes, in bytes and files a second, and how many milliseconds are left (null: the total is not known, or nothing moves). */
export interface Pace {
  readonly bytes: number;
  readonly files: number;
  readonly left: number | null;
}

interface Sample {
  readonly at: number;
  readonly done: number;
  readonly bytes: number;
}

// Long enough to even out what comes in bursts, short enough to follow a network that slows down.
const WINDOW = 10_000;
// Sooner it would be a guess.
const EARLIEST = 1_000;

/** Watches the progress of one phase after another; each answer speaks of the last ten seconds, null while it is too early to say. */
export function watchPace(): (progress: Progress, now: number) => Pace | null {
  let samples: Sample[] = [];
  let phase: Progress['phase'] | null = null;
  return (progress, now) => {
    const last = samples.at(-1);
    if (progress.phase !== phase || (last !== undefined && progress.done < last.done)) samples = [];
    phase = progress.phase;
    samples = samples.filter(({ at }, index) => now - at <= WINDOW || index === samples.length - 1);
    samples.push({ at: now, done: progress.done, bytes: progress.bytes });
    return paceOf(samples, progress);
  };
}

function paceOf(samples: readonly Sample[], progress: Progress): Pace | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || last.at - first.at < EARLIEST) return null;
  const seconds = (last.at - first.at) / 1_000;
  const bytes = Math.max(0, last.bytes - first.bytes) / seconds;
  const files = (last.done - first.done) / seconds;
  // Many small files and a few large ones cost what the slower of the two says.
  const waits = [waitFor(progress.totalBytes, progress.bytes, bytes), waitFor(progress.total, progress.done, files)];
  const known = waits.filter((wait) => wait !== null);
  return { bytes, files, left: known.length === 0 ? null : Math.max(...known) };
}

/** Milliseconds; null when the total is not known or nothing moves. */
function waitFor(total: number | null, done: number, perSecond: number): number | null {
  return total === null || perSecond <= 0 ? null : (Math.max(0, total - done) / perSecond) * 1_000;
}
