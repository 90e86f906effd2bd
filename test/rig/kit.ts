/** Frameworks and watchers from the registries, as `npm run projects` installs them; where all is required, they are installed. */
import { join } from "node:path";
import { cache, isComplete, toolKit } from "../projects/kit.ts";

const places = { node: "node/node_modules", python: "python/.venv" } as const;

/** A `node_modules` or a virtual environment; `undefined`: it is not there, and was said so. */
export function kitOf(kind: keyof typeof places): string | undefined {
  const place = join(cache, places[kind]);
  if (process.env["RELOAD_TEST_REQUIRE_ALL"] !== undefined) {
    const missing = toolKit(new Set([kind])).missing(kind);
    if (missing !== undefined) throw new Error(`the ${kind} kit ${missing}`);
  }
  if (isComplete(kind)) return place;
  process.stderr.write(`skipped: tests that need the ${kind} kit, which \`npm run projects\` installs\n`);
  return undefined;
}
