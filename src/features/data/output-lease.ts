import type { Project } from '../../project/project.ts';
import { withLease } from '../../system/lease.ts';

/** Does work while no other command writes any of these paths of the workspace. */
export function withPaths<T>(project: Project, paths: readonly string[], work: () => T | Promise<T>): Promise<T> {
  const { layout, waitMilliseconds, report, signal } = project;
  const guarded = paths.toSorted().reduceRight<() => Promise<T>>(
    (inner, path) => () =>
      withLease({ folder: layout.leases, name: `output ${path}`, what: path, waitMilliseconds, report, signal }, inner),
    async () => work(),
  );
  return guarded();
}
