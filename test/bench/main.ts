/**
 * `npm run bench`: measures `reload` against everyone who is installed, in one run, prints the tables, and writes docs/performance.md with the figures as JSON.
 *
 *   npm run bench                        everything, 30 rounds (more than an hour)
 *   npm run bench -- --rows saves,cold   only these rows; the others stay as they were
 *   npm run bench -- --rounds 5          a quick look
 *   npm run bench -- --brief             for CI: counts only (missed, extra, survivors), no figures, nothing written
 */
import { parseArgs } from "node:util";
import { brief } from "./brief.ts";
import { measure, rowNames } from "./measure.ts";
import { page } from "./page.ts";
import { endEverything } from "./processes.ts";
import { removeScratch } from "./project.ts";
import { write } from "./write.ts";

const { values } = parseArgs({
  options: {
    brief: { type: "boolean", default: false },
    rows: { type: "string", default: rowNames.join(",") },
    rounds: { type: "string", default: "30" },
    tools: { type: "string" },
    out: { type: "string", default: "docs/performance" },
    page: { type: "boolean", default: false },
  },
});

function leave(): void {
  endEverything();
  removeScratch();
}
process.on("exit", leave);
for (const [name, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)
  process.on(name, () => process.exit(code));

const say = (line: string): void => void process.stderr.write(`${line}\n`);

if (values.page) write(undefined, values.out, say);
else if (values.brief) process.exitCode = await brief(say);
else {
  const results = await measure({
    rows: values.rows.split(","),
    rounds: Number(values.rounds),
    only: values.tools?.split(","),
    say,
    keep: (some) => write(some, values.out, () => {}),
  });
  write(results, values.out, say);
  process.stdout.write(page(results));
}
process.exit();
