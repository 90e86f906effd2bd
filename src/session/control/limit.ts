/** How long a question may take that waits for something. */
import type { FinalAnswer, Question } from "../../adapters/control/channel.ts";
import { millisecondsOf } from "./numbers.ts";

const defaultMs = 60_000;

/** `over`: the time that was given is over, or nobody waits any more. */
export async function withinLimit(
  question: Question,
  gone: AbortSignal,
  work: (over: AbortSignal) => Promise<FinalAnswer>,
): Promise<FinalAnswer> {
  const limit = new AbortController();
  const limitMs = millisecondsOf(question, "timeoutMs") ?? defaultMs;
  const timer = limitMs === 0 ? undefined : setTimeout(() => limit.abort(), limitMs);
  try {
    return await work(AbortSignal.any([limit.signal, gone]));
  } finally {
    clearTimeout(timer);
  }
}

export const aborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
