/** Waiting for facts. */

/** Long enough for a machine that has much else to do: only what never comes waits as long as this. */
export const deadlineMs = 45_000;

/** Looks every few milliseconds until the fact is there; fails with what was seen when the deadline has passed. */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  seen: () => string = () => "",
  withinMs: number = deadlineMs,
): Promise<T> {
  const end = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`waited ${withinMs} ms in vain for: ${what}\n${seen()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
