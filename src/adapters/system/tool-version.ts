/** Which version of a tool is there. */
import { spawnSync } from "node:child_process";

/** How each of them is asked; nothing else is run, for it might do something. */
const versionWords: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    [
      "node",
      "npm",
      "npx",
      "pnpm",
      "yarn",
      "bun",
      "deno",
      "cargo",
      "rustc",
      "python",
      "python3",
      "uv",
      "ruby",
      "make",
      "gcc",
      "tsc",
    ].map((name) => [name, ["--version"]]),
  ),
  go: ["version"],
};
/** Of a tool that does not answer, in milliseconds. */
const versionPatienceMs = 3_000;

/** What the tool says of itself; `undefined`: it is not one of those that can be asked, or it does not answer. */
export function versionOf(program: string, file: string): string | undefined {
  const words = versionWords[program];
  if (words === undefined) return undefined;
  const { stdout } = spawnSync(file, words, {
    encoding: "utf8",
    timeout: versionPatienceMs,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [first = ""] = (stdout ?? "").split("\n");
  return first.trim() || undefined;
}
