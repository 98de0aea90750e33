import type { Report } from '../../core/event.ts';

/** One way to show what happens during a command. */
export interface View {
  readonly report: Report;
  /** Takes away what is only for the moment. */
  readonly close: () => void;
}
