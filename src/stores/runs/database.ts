import { createRequire } from 'node:module';
import { MlopsError } from '../../core/errors.ts';

/** The little of SQLite that the history needs, whichever package brings it. */
export interface Database {
  exec(sql: string): void;
  run(sql: string, ...values: readonly SqlValue[]): void;
  all(sql: string, ...values: readonly SqlValue[]): readonly unknown[];
  close(): void;
}

/** What goes into a column. */
export type SqlValue = string | number | null;

interface Statement {
  run(...values: SqlValue[]): unknown;
  all(...values: SqlValue[]): unknown[];
}

interface Connection {
  exec(sql: string): unknown;
  prepare(sql: string): Statement;
  close(): unknown;
}

/** A way to open a database file; undefined where its package is missing, or was not built for this Node. */
export type OpenDatabase = (file: string) => Promise<Database | undefined>;

const BUSY_MILLISECONDS = 5_000;

/** `better-sqlite3`, when its binding was installed. */
export const openBetterSqlite: OpenDatabase = async (file) => {
  try {
    const { default: Connect } = await import('better-sqlite3');
    return wrap(new Connect(file, { timeout: BUSY_MILLISECONDS }));
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
};

/** The SQLite of Node itself, from 22.5 on. */
export const openNodeSqlite: OpenDatabase = async (file) => {
  const module = loadNodeSqlite();
  return module && wrap(new module.DatabaseSync(file, { timeout: BUSY_MILLISECONDS }));
};

/** Opens the file with the first that can. */
export async function openDatabase(
  file: string,
  ways: readonly OpenDatabase[] = [openBetterSqlite, openNodeSqlite],
): Promise<Database> {
  for (const open of ways) {
    const database = await open(file);
    if (database !== undefined) return database;
  }
  throw new MlopsError('failed', 'The history of runs needs SQLite, and this Node has none.', {
    hint: 'npm rebuild better-sqlite3, or use Node 22.13 or newer. All else works without it.',
  });
}

function wrap(connection: Connection): Database {
  return {
    exec: (sql) => void connection.exec(sql),
    run: (sql, ...values) => void connection.prepare(sql).run(...values),
    all: (sql, ...values) => connection.prepare(sql).all(...values),
    close: () => void connection.close(),
  };
}

interface NodeSqlite {
  readonly DatabaseSync: new (file: string, options: { timeout: number }) => Connection;
}

function loadNodeSqlite(): NodeSqlite | undefined {
  try {
    // Required and not imported, so that bundlers and older Nodes leave it alone until here.
    return createRequire(import.meta.url)('node:sqlite') as NodeSqlite;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** No such package, no such built-in, or a binding that was not built, or was built for another Node. */
function isAbsent(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return (
    ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND', 'ERR_UNKNOWN_BUILTIN_MODULE', 'ERR_DLOPEN_FAILED'].includes(code) ||
    /Could not locate the bindings file|NODE_MODULE_VERSION/.test(error.message)
  );
}
