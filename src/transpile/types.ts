/** A look at types, beside the program: it remembers what it has looked at, and gives way as soon as something is built again. */
import { spawn } from "node:child_process";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { join } from "node:path";
import { cacheOf } from "./cache.ts";
import { asName } from "./call.ts";

const cache = (): string => cacheOf(process.cwd());
const mark = (): string => join(cache(), "building");
/** How often it looks whether something is built. */
const everyMs = 50;
/** The program is still starting, and a low priority does not keep a compiler from taking its time where systems share it by sessions. */
const patienceMs = 1_500;

/** A build has begun: the processors are for that now. After it, types are looked at again. */
export function sayBuilding(): void {
  mkdirSync(cache(), { recursive: true });
  writeFileSync(mark(), "");
}

const lastBuildMs = (): number => statSync(mark(), { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** One line of ours after what the compiler says, in place of one about a hook that failed; `undefined`: it said nothing of errors. */
export function typesLine(said: string): string | undefined {
  const errors = [...said.matchAll(/^(?:(.+)\(\d+,\d+\): )?error TS\d+: /gm)];
  if (errors.length === 0) return undefined;
  const files = new Set(errors.flatMap(([, file]) => file ?? []));
  const [first] = files;
  const where = first === undefined ? "" : ` in ${files.size === 1 ? first : `${files.size} files`}`;
  const isColoured = process.env["FORCE_COLOR"] !== undefined && process.env["FORCE_COLOR"] !== "0";
  const sign = isColoured ? "\u001b[33m▲\u001b[39m" : "▲";
  return `${sign} types: ${errors.length} ${errors.length === 1 ? "error" : "errors"}${where}; the program runs all the same\n`;
}

/** Resolves to the exit code: 0 as well where it has given way, and where all that is wrong is said. */
export async function checkTypes(config: string): Promise<number> {
  // The program may still be starting.
  setPriority(constants.priority.PRIORITY_LOW);
  const known = join(cache(), `types-${asName(config)}.tsbuildinfo`);
  const began = lastBuildMs();
  await new Promise((resolve) => setTimeout(resolve, patienceMs));
  if (lastBuildMs() !== began) return 0;
  const args = ["-p", config, "--noEmit", "--incremental", "--tsBuildInfoFile", known];
  const compiler = spawn("tsc", args, { stdio: ["inherit", "pipe", "inherit"], shell: process.platform === "win32" });
  let said = "";
  compiler.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  let hasGivenWay = false;
  const timer = setInterval(() => {
    if (lastBuildMs() === began) return;
    hasGivenWay = true;
    compiler.kill("SIGKILL");
  }, everyMs);
  return new Promise((resolve) => {
    const end = (code: number): void => {
      clearInterval(timer);
      const line = hasGivenWay ? undefined : typesLine(said);
      if (!hasGivenWay) process.stdout.write(`${said}${line ?? ""}`);
      resolve(hasGivenWay || line !== undefined ? 0 : code);
    };
    compiler.once("error", (error) => {
      process.stderr.write(`tsc: ${error.message}\n`);
      end(1);
    });
    compiler.once("close", (code) => end(code ?? 1));
  });
}
