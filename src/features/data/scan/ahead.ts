import type { FolderEntry } from '../../../system/list-files.ts';
import { readAhead } from '../../../system/threads/read-ahead.ts';
import { type Folder, kindOf, type Measured, type Scan } from '../measured.ts';
import type { Steps } from '../workspace.ts';

// Fewer new files than this are read before threads have started; fewer in a folder are not worth the sending.
const [WORTH_THREADS, WORTH_SENDING] = [4096, 64];

/** The files of a folder, one after another, as threads have read them ahead. */
interface Ahead {
  /** Undefined: it is to be read here. */
  next(name: string): Steps<Measured | undefined>;
  end(): void;
}

const NOTHING_AHEAD: Ahead = {
  // oxlint-disable-next-line require-yield
  *next() {
    return undefined;
  },
  end: () => undefined,
};

/** Lets threads read the files of a folder of which nothing is known, if there are many. */
export function aheadOf(scan: Scan, { absolute, path }: Folder, entries: readonly FolderEntry[]): Ahead {
  const { index, threads, read } = scan.contents;
  if (entries.length < WORTH_SENDING || !index.isNew(path)) return NOTHING_AHEAD;
  const names = entries.filter(({ type }) => type === 'file').map(({ name }) => name);
  scan.newFiles += names.length;
  if (scan.newFiles < WORTH_THREADS || names.length < WORTH_SENDING) return NOTHING_AHEAD;
  const since = index.clock();
  const reads = readAhead(threads)?.begin(absolute, names);
  if (reads === undefined) return NOTHING_AHEAD;
  return {
    *next(name) {
      const file = yield* reads.next();
      if (file === undefined) return undefined;
      const { stat, digest } = file;
      read(`${path}/${name}`, file, since);
      yield stat.size;
      return { name, kind: kindOf(stat), size: stat.size, files: 1, digest, children: null };
    },
    end: () => reads.end(),
  };
}
