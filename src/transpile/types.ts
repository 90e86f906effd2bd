/** A look at types, beside the program: it remembers what it has looked at, and gives way as soon as something is built again. */
import { spawn } from "node:child_process";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { join } from "node:path";
import { asName, cache } from "./call.ts";

const mark = join(cache, "building");
/** How often it looks whether something is built. */
const everyMs = 50;

/** A build has begun: the processors are for that now. After it, types are looked at again. */
export function sayBuilding(): void {
  mkdirSync(cache, { recursive: true });
  writeFileSync(mark, "");
}

const lastBuildMs = (): number => statSync(mark, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Resolves to the exit code: 0 as well where it has given way. */
export function checkTypes(config: string): Promise<number> {
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  const known = join(cache, `types-${asName(config)}.tsbuildinfo`);
  const began = lastBuildMs();
  const args = ["-p", config, "--noEmit", "--incremental", "--tsBuildInfoFile", known];
  const compiler = spawn("tsc", args, { stdio: "inherit", shell: process.platform === "win32" });
  let hasGivenWay = false;
  const timer = setInterval(() => {
    if (lastBuildMs() === began) return;
    hasGivenWay = true;
    compiler.kill("SIGKILL");
  }, everyMs);
  return new Promise((resolve) => {
    const end = (code: number): void => {
      clearInterval(timer);
      resolve(hasGivenWay ? 0 : code);
    };
    compiler.once("error", (error) => {
      process.stderr.write(`tsc: ${error.message}\n`);
      end(1);
    });
    compiler.once("exit", (code) => end(code ?? 1));
  });
}
