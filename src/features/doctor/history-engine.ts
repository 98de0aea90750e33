import { openBetterSqlite, openNodeSqlite } from '../../stores/runs/database.ts';

/** The package that opens the run history here, or null when neither loads. */
export async function findHistoryEngine(): Promise<'better-sqlite3' | 'node:sqlite' | null> {
  const ways = [
    ['better-sqlite3', openBetterSqlite],
    ['node:sqlite', openNodeSqlite],
  ] as const;
  for (const [name, open] of ways) {
    const database = await open(':memory:');
    database?.close();
    if (database !== undefined) return name;
  }
  return null;
}
