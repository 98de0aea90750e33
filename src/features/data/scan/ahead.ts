import type { FolderEntry } from '../../../system/list-files.ts';
import { readAhead } from '../../../system/threads/read-ahead.ts';
import { type Folder, kindOf, type Measured, type Scan } from '../measured.ts';
import type { Steps } from '../workspace.ts';

// Fewer new files than this are read before threads have started; fewer in a folder are not worth the sending.
const [WORTH_THREADS, WORTH_SENDING] = [4096, 64];

/** The files of a folder, one after another, as they were read ahead. */
interface Ahead {
  /** Whether the next file may be asked for; else it is to be waited for. */
  readonly isReady: boolean;
  wait(): Steps<void>;
  /** Undefined: it is to be read here. */
  next(name: string): Measured | undefined;
  /** What nobody was told of yet. */
  untold(): { readonly files: number; readonly bytes: number };
  end(): void;
}

const NOTHING_AHEAD: Ahead = {
  isReady: true,
  *wait() {
    yield 0;
  },
  next: () => undefined,
  untold: () => ({ files: 0, bytes: 0 }),
  end: () => undefined,
};

/** Reads the files of a folder of which nothing is known many at a time, if there are many: in threads when it is worth it. */
export function aheadOf(scan: Scan, { absolute, path }: Folder, entries: readonly FolderEntry[]): Ahead {
  const { index, threads, reader } = scan.contents;
  if (entries.length < WORTH_SENDING || !index.isNew(path)) return NOTHING_AHEAD;
  const names = entries.filter(({ type }) => type === 'file').map(({ name }) => name);
  scan.newFiles += names.length;
  if (names.length < WORTH_SENDING) return NOTHING_AHEAD;
  const keep = reader(path, index.clock());
  const reads = readAhead(scan.newFiles < WORTH_THREADS ? 1 : threads).begin(absolute, names);
  let [files, bytes] = [0, 0];
  const untold = () => {
    const told = { files, bytes };
    [files, bytes] = [0, 0];
    return told;
  };
  return {
    untold,
    get isReady() {
      return reads.isReady;
    },
    *wait() {
      yield untold();
      yield* reads.prepare();
    },
    next(name) {
      const file = reads.take();
      if (file === undefined) return undefined;
      const { stat, digest } = file;
      keep(name, file);
      files++;
      bytes += stat.size;
      return { name, kind: kindOf(stat), size: stat.size, files: 1, digest, children: null };
    },
    end: () => reads.end(),
  };
}
