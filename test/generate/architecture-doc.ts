/** The diagrams of the machines in `docs/architecture.md`, from walks through them: they cannot go stale. */
import { walkIntake } from "../core/walk-intake.ts";
import { walkRuns } from "../core/walk-runs.ts";
import { walkWork } from "../core/walk-work.ts";

/** States and what leads from one to the next. `pick` takes a part of the name of a state. */
function diagram(edges: Iterable<string>, first: string, pick = (label: string): string => label): string {
  const ways = new Map<string, Set<string>>();
  for (const edge of edges) {
    const [from = "", by = "", to = ""] = edge.split("|");
    if (pick(from) === pick(to)) continue;
    const way = `${pick(from)} --> ${pick(to)}`;
    ways.set(way, (ways.get(way) ?? new Set()).add(by));
  }
  const lines = [...ways]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([way, by]) => `    ${way}: ${[...by].sort().join(", ")}`);
  return ["```mermaid", "stateDiagram-v2", `    [*] --> ${first}`, ...lines, "```"].join("\n");
}

function machines(): string {
  const intake = walkIntake({});
  const work = walkWork();
  const kinds = [
    {},
    { onExit: "restart" },
    { swap: "start-first" },
    { swap: "start-first", keepOldMs: 5_000 },
  ] as const;
  const runs = kinds.map((settings) => walkRuns(settings));
  const edges = runs.flatMap((run) => [...run.edges]);
  const most = Math.max(...runs.map(({ outlines }) => outlines));
  return [
    `**Intake**, of a service: what is asked for (${intake.outlines} outlines).`,
    diagram(intake.edges, "resting"),
    `**Work**, of a recipe: what is made (${work.outlines} outlines).`,
    diagram(work.edges, "clean"),
    `**Runs**, of a service (${most} outlines at most): the run that serves,`,
    diagram(edges, "empty", (label) => label.split(" ")[0] ?? ""),
    "and the one beside it, which is coming, kept for a while, or ending.",
    diagram(edges, "empty", (label) => label.split(" ")[1] ?? ""),
  ].join("\n\n");
}

const begin = "<!-- generated: machines -->";
const end = "<!-- end: machines -->";

/** The page with the diagrams as they are now. */
export function architectureDoc(text: string): string {
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < 0) throw new Error(`no ${begin} … ${end}`);
  return `${text.slice(0, from + begin.length)}\n${machines()}\n${text.slice(to)}`;
}
