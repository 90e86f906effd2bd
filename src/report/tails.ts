/** The last of what each job printed, as it came: what an error is explained by. */
import { type JobId, jobName } from "../core/job.ts";
import type { Moment } from "./moment.ts";

/** As much is kept of each, in characters; up to twice that between two cuts. */
const longestTail = 64 * 1024;
const mostTails = 16;

export interface Tails {
  hear(moment: Moment): void;
  /** Empty where it printed nothing, or is long over. */
  of(job: JobId): string;
}

export function createTails(): Tails {
  const tails = new Map<string, string>();
  return {
    hear(moment) {
      if (moment.type !== "output") return;
      const name = jobName(moment.job);
      const text = `${tails.get(name) ?? ""}${moment.text}`;
      // The newest last, so that the first is the one to forget.
      tails.delete(name);
      tails.set(name, text.length > longestTail * 2 ? text.slice(-longestTail) : text);
      for (const [oldest] of tails) if (tails.size > mostTails) tails.delete(oldest);
    },
    of: (job) => tails.get(jobName(job)) ?? "",
  };
}
