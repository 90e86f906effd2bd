/** What is said once, when it is seen how things go. */
import type { Turn } from "../core/turn.ts";
import { createEndHint } from "./end-hint.ts";
import { createSecondBuilds } from "./second-builds.ts";
import type { Settings } from "./settings.ts";
import { createSlowStarts } from "./slow-starts.ts";

export function createAdvice(
  parts: { settings(): Settings; readonly env: NodeJS.ProcessEnv },
  say: (text: string) => void,
): (turn: Turn) => void {
  const all = [
    createEndHint(parts.settings().services.get("")?.endsAtOnce, say),
    createSecondBuilds(say),
    createSlowStarts(parts, say),
  ];
  return (turn) => {
    for (const hear of all) hear(turn);
  };
}
