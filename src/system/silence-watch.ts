import { statSync } from 'node:fs';

const DEAD_AFTER = 60_000;

/** Looks whether an owner that cannot be asked still beats, by our own clock alone. */
export class SilenceWatch {
  #lastBeat = Number.NaN;
  #since = 0;

  lastsAt(file: string): boolean {
    const beat = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (beat !== this.#lastBeat) [this.#lastBeat, this.#since] = [beat, performance.now()];
    return performance.now() - this.#since > DEAD_AFTER;
  }
}
