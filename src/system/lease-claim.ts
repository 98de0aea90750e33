import { linkSync, rmSync } from 'node:fs';

/** Our name in a folder of leases, written once for all that we hold there at the same time. */
interface Claim {
  readonly token: string;
  readonly file: string;
  count: number;
}

const claims = new Map<string, Claim>();

/** The token of a lease that nobody had; undefined when it takes more than a look. */
export function takeAtOnce(file: string, folder: string, signal: AbortSignal): string | undefined {
  const claim = claims.get(folder);
  if (claim === undefined || signal.aborted) return undefined;
  try {
    linkSync(claim.file, file);
    claim.count++;
    return claim.token;
  } catch {
    // Somebody has it, or our own name is gone.
    return undefined;
  }
}

/** What took one lease takes others, until all are given back. Returns the token. */
export function keepClaim(folder: string, file: string, token: string): string {
  if (!claims.has(folder)) claims.set(folder, { token, file, count: 1 });
  return token;
}

/** Whether a file in a folder of leases will still take others. */
export function isKept(folder: string, file: string): boolean {
  return claims.get(folder)?.file === file;
}

/** After a lease was given back. */
export function letGo(folder: string, token: string): void {
  const claim = claims.get(folder);
  if (claim?.token !== token || --claim.count > 0) return;
  claims.delete(folder);
  rmSync(claim.file, { force: true });
}
