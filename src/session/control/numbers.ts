/** Numbers that a question carries. */
import type { Question } from "../../adapters/control/channel.ts";
import { longestMs } from "../../config/keys/duration.ts";

export const numberOf = ({ options }: Question, name: string): number | undefined => {
  const value = options[name];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
};

/** No longer than a timer can be set to: it would end at once. */
export const millisecondsOf = (question: Question, name: string): number | undefined => {
  const ms = numberOf(question, name);
  return ms === undefined ? undefined : Math.min(Math.max(0, ms), longestMs);
};
