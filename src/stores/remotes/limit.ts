/** Runs what it is given, at most so many at once; the others wait in the order in which they came. */
export function createLimit(count: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= count) await new Promise<void>((go) => waiting.push(go));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

/**
 * Runs all at once that it is given, until it is told that this is too much: then half of what ran, and one more for each
 * round that goes well, up to where it began. `isTooMuch` is asked of what failed.
 */
export function createPace(isTooMuch: (error: unknown) => boolean): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  let allowed = Infinity;
  let most = Infinity;
  let halvings = 0;

  const goOn = () => {
    for (; waiting.length > 0 && running < Math.floor(allowed); running++) waiting.shift()?.();
  };
  const halve = () => {
    if (allowed === Infinity) most = running;
    allowed = Math.max(1, Math.floor(Math.min(allowed, running) / 2));
    halvings += 1;
  };
  const grow = () => {
    allowed += 1 / allowed;
    if (allowed >= most) allowed = Infinity;
  };

  return async (work) => {
    if (running >= Math.floor(allowed)) await new Promise<void>((go) => waiting.push(go));
    else running += 1;
    const begunAfter = halvings;
    try {
      const result = await work();
      grow();
      return result;
    } catch (error) {
      // What was under way when it became less is refused for the same reason.
      if (isTooMuch(error) && begunAfter === halvings) halve();
      throw error;
    } finally {
      running -= 1;
      goOn();
    }
  };
}
