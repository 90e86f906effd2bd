/** What `reload versions` lists. */
import type { FinalAnswer } from "../../adapters/control/channel.ts";
import { printable } from "../../report/words.ts";
import { end } from "./answers.ts";
import type { ConfigRow } from "./ledger.ts";

export function versionsAnswer(versions: readonly ConfigRow[], inForce: number): FinalAnswer {
  const lines = versions.map(({ version, is, at, summary }) => {
    const state = is === "refused" || is === "gone" ? is : version === inForce ? "in force" : "";
    const text = is === "first" ? "as it was at the start" : printable(summary);
    return [String(version).padStart(3), at.toTimeString().slice(0, 8), state.padEnd(8), text].join("  ").trimEnd();
  });
  return end(0, lines.join("\n"), { inForce, versions });
}
