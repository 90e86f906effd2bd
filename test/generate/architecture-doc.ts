/** The diagram of states in `docs/architecture.md`, from a walk through the machine: it cannot go stale. */
import { walk } from "../core/walk.ts";

function statesDiagram(): string {
  const edges = new Map<string, Set<string>>();
  for (const settings of [{}, { builds: false }, { swap: "start-first" as const }]) {
    for (const edge of walk(settings).edges) {
      const [from = "", by = "", to = ""] = edge.split(" ");
      if (from === to) continue;
      const key = `${from} --> ${to}`;
      edges.set(key, (edges.get(key) ?? new Set()).add(by));
    }
  }
  const lines = [...edges]
    .filter(([key]) => !key.endsWith("quitting") && !key.endsWith("ended"))
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([key, facts]) => `    ${key}: ${[...facts].sort().join(", ")}`);
  return [
    "```mermaid",
    "stateDiagram-v2",
    "    [*] --> building: started",
    ...lines,
    "    quitting --> ended: buildEnded, runGone",
    "```",
    "",
    "From every state `quitAsked` leads to `quitting`.",
  ].join("\n");
}

const begin = "<!-- generated: states -->";
const end = "<!-- end: states -->";

/** The page with the diagram as it is now. */
export function architectureDoc(text: string): string {
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < 0) throw new Error(`no ${begin} … ${end}`);
  return `${text.slice(0, from + begin.length)}\n${statesDiagram()}\n${text.slice(to)}`;
}
