/** Like `Promise.all(items.map(fn))`, with at most `limit` calls in flight. The first failure stops the rest. For the network. */
export async function mapConcurrent<T, R>(
  items: readonly T[],
  limit: number,
  fn: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  let stopped = false;

  async function work(): Promise<void> {
    while (!stopped && next < items.length) {
      const at = next++;
      const item = items[at] as T;
      try {
        results[at] = await fn(item);
      } catch (error) {
        stopped = true;
        throw error;
      }
    }
  }

  const workers = Array.from({ length: Math.max(1, Math.min(limit, items.length)) }, work);
  // All are waited for, so that nothing is still running when the caller is told of the failure.
  const ends = await Promise.allSettled(workers);
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return results;
}
