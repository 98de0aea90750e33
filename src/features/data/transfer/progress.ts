import type { Report } from '../../../core/event.ts';
import type { PlannedObject } from './plan.ts';

/** Tells how far a transfer is, some twenty times a second. */
export class TransferProgress {
  readonly #phase: 'push' | 'fetch';
  readonly #report: Report;
  readonly #total: number;
  readonly #totalBytes: number;
  #done = 0;
  #bytes = 0;
  #toldAt = 0;

  constructor(phase: 'push' | 'fetch', objects: readonly PlannedObject[], report: Report) {
    this.#phase = phase;
    this.#report = report;
    this.#total = objects.length;
    this.#totalBytes = objects.reduce((sum, { size }) => sum + size, 0);
  }

  /** Bytes on their way, or taken back when they were of no use. */
  count(bytes: number): void {
    this.#bytes += bytes;
    if (performance.now() - this.#toldAt > 50) this.tell();
  }

  /** So many objects are through. */
  finish(objects: number): void {
    this.#done += objects;
    this.count(0);
  }

  tell(): void {
    if (this.#total === 0) return;
    this.#toldAt = performance.now();
    this.#report({
      type: 'progress',
      phase: this.#phase,
      done: this.#done,
      total: this.#total,
      bytes: this.#bytes,
      totalBytes: this.#totalBytes,
    });
  }
}
