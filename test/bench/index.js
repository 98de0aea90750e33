import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { largeFile } from './large-file.js';
import { pipelines } from './pipelines.js';
import { remotes } from './remotes.js';
import { smallFiles } from './small-files.js';
import { startUp } from './start-up.js';
import { machine, tableOf } from './table.js';

// What mlops takes, against the least that the same work takes on this machine in the same run, and against DVC when the
// environment variable DVC names its binary. `--files`, `--gib` and `--stages` measure other sizes (`--files 1000000 --gib 100
// --sparse`), `--dvc-stages` DVC with more stages than the hundred that take it minutes, `--in` another disk, `--markdown` prints the table of the README.

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    files: { type: 'string', default: '70000' },
    gib: { type: 'string', default: '2' },
    sparse: { type: 'boolean', default: false },
    stages: { type: 'string', default: '10,100,400,1000' },
    'dvc-stages': { type: 'string', default: '100' },
    in: { type: 'string', default: tmpdir() },
    markdown: { type: 'boolean', default: false },
  },
});

const suites = {
  'start-up': startUp,
  'small-files': (folder) => smallFiles(folder, Number(values.files)),
  'large-file': (folder) => largeFile(folder, Number(values.gib) * 2 ** 30, { sparse: values.sparse }),
  remotes: (folder) => remotes(folder, Number(values.files), Number(values.gib) * 2 ** 30),
  pipelines: (folder) => pipelines(folder, values.stages.split(',').map(Number), Number(values['dvc-stages'])),
};

const folder = mkdtempSync(join(values.in, 'mlops-bench-'));
try {
  const rows = (positionals.length > 0 ? positionals : Object.keys(suites)).flatMap((name) => suites[name](folder));
  console.log(`${machine()}\n`);
  console.log(tableOf(rows, values));
  if (rows.some(({ isWithin }) => isWithin === false)) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
