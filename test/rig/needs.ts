/** Tools that not every machine has. Where one is missing its tests are skipped and say so in one line; in CI that is a failure. */
import { spawnSync } from "node:child_process";

const asked = new Map<string, boolean>();

/** Whether the tool can be run. With `RELOAD_TEST_REQUIRE_ALL` set, a missing one is an error. */
export function needs(tool: string, args: readonly string[] = tool === "go" ? ["version"] : ["--version"]): boolean {
  const known = asked.get(tool);
  if (known !== undefined) return known;
  const isThere = spawnSync(tool, args, { stdio: "ignore" }).error === undefined;
  if (!isThere) {
    if (process.env["RELOAD_TEST_REQUIRE_ALL"] !== undefined)
      throw new Error(`${tool} is needed by these tests and is not on this machine`);
    process.stderr.write(`skipped: tests that need ${tool}, which is not on this machine\n`);
  }
  asked.set(tool, isThere);
  return isThere;
}
