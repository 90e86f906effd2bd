/** What is done at the end, step by step. */
import { reasonOf } from "../core/errors.ts";

/** Each of them is done, whatever becomes of those before it. */
export async function allInOrder(warn: (message: string) => void, steps: readonly (() => unknown)[]): Promise<void> {
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      warn(`not everything could be cleared away: ${reasonOf(error)}`);
    }
  }
}
