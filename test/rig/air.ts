/** The real air, from Go's proxy: what its files mean is what it does with them. Built once, and kept beside what else is made from packages. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { needs } from "./needs.ts";

const version = "v1.67.4";

/** The path of the program; `undefined` where it cannot be had, which is said. */
export function realAir(): string | undefined {
  const directory = join(import.meta.dirname, "../../node_modules/.cache/oracles", `air-${version}`);
  const binary = join(directory, process.platform === "win32" ? "air.exe" : "air");
  if (existsSync(binary)) return binary;
  if (!needs("go")) return undefined;
  mkdirSync(directory, { recursive: true });
  try {
    const env = { ...process.env, GOBIN: directory, GOFLAGS: "-mod=mod" };
    execFileSync("go", ["install", `github.com/air-verse/air@${version}`], { cwd: directory, env, stdio: "pipe" });
    return binary;
  } catch (error) {
    if (process.env["RELOAD_TEST_REQUIRE_ALL"] !== undefined) throw error;
    process.stderr.write(`skipped: tests that need air ${version}, which cannot be had from Go's proxy\n`);
    return undefined;
  }
}
