import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { openRuns } from '../../src/stores/runs/runs.ts';

/** Why the run history cannot be tested here; null when it can. `MLOPS_REQUIRE_SQLITE=1` turns the skip into a failure. */
export const sqliteMissing: string | null = await whyMissing();

async function whyMissing(): Promise<string | null> {
  const folder = mkdtempSync(join(tmpdir(), 'mlops-probe-'));
  try {
    (await openRuns(join(folder, 'runs.db'), null)).close();
    return null;
  } catch (error) {
    if (process.env['MLOPS_REQUIRE_SQLITE'] === '1') throw error;
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`Tests of the run history are skipped: ${reason}\n`);
    return reason;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
