/** `reload init --agents`: what a coding agent has to know, appended to `AGENTS.md`, or put in the place of what stood there. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { reasonOf, systemCode } from "../core/errors.ts";
import { textOfFile } from "../matchers/texts.ts";
import { problemsText } from "../report/problem.ts";
import type { ConfigOutput } from "./config.ts";

const target = "AGENTS.md";
const [first, last] = ["<!-- reload -->", "<!-- /reload -->"];

/** The same as in docs/agents.md. */
export const agentLines = `<!-- reload -->
## The development server
- \`npx reload --background\` starts it and returns when it is ready; it is not an error if it runs already.
- After an edit do not restart anything: run \`npx reload wait\`. 0: the edit is live. 1: it failed, and the error is printed. 3: not yet.
- \`npx reload wait -- CMD\` runs CMD once the edit is live, with \`RELOAD_URL\` set: \`npx reload wait -- npx playwright test\`.
- \`npx reload status\` says what runs and where; \`npx reload logs -n 50\` what it printed; \`npx reload logs --build\` the whole build.
- \`npx reload explain PATH\` says why an edit of PATH does not restart it; \`npx reload doctor\` what is wrong with the machine.
- Before many edits at once: \`npx reload pause\`, then \`npx reload resume\`.
- Never start the server by hand beside it, and do not kill it: \`npx reload stop\` ends it.
<!-- /reload -->
`;

/** @returns the exit code: 0, or 2 if nothing was written */
export function writeAgents(cwd: string, stdout: ConfigOutput, stderr: ConfigOutput): 0 | 2 {
  const path = join(cwd, target);
  try {
    const before = textOf(path);
    const after = withLines(before);
    if (after !== before) writeFileSync(path, after);
    stdout.write(`${after === before ? `${target} has it already` : `wrote ${target}`}\n`);
    return 0;
  } catch (error) {
    const message = reasonOf(error);
    stderr.write(
      `${problemsText([{ code: "init/failed", severity: "error", origin: target, message }], stderr.colors)}\n`,
    );
    return 2;
  }
}

function textOf(path: string): string {
  try {
    return textOfFile(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return "";
    throw error;
  }
}

function withLines(before: string): string {
  const from = before.indexOf(first);
  const to = before.indexOf(last, from);
  if (from >= 0 && to >= 0) return `${before.slice(0, from)}${agentLines.trimEnd()}${before.slice(to + last.length)}`;
  const gap = before === "" ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  return `${before}${gap}${agentLines}`;
}
