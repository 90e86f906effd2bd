/** The build of a detected TypeScript project: `node transpile.js [-p CONFIG] [--ts-node ENTRY] [--else COMMAND ARG...]` or `node transpile.js tsup ARG...` or `node transpile.js nest build ARG...`, and what else is to be run where that is not enough. `--types -p CONFIG` looks at types alone. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ask } from "./transpile/ask.ts";
import { readCall, valueAfter } from "./transpile/call.ts";
import { beginCompiler, stay } from "./transpile/stay.ts";
import { checkTypes, sayBuilding } from "./transpile/types.ts";
import { carryOutCall, type Tools } from "./transpile/work.ts";

const tools: Tools = { hook: fileURLToPath(new URL("./preload.js", import.meta.url)), wholes: new Map() };

function execute([command = "tsc", ...args]: readonly string[]): number {
  const { status, error } = spawnSync(command, args, { stdio: "inherit", shell: process.platform === "win32" });
  if (error !== undefined) process.stderr.write(`${command}: ${error.message}\n`);
  return status ?? 1;
}

async function main(words: readonly string[]): Promise<number> {
  if (words[0] === "--types") return await checkTypes(valueAfter(words, "-p") ?? "tsconfig.json");
  const { call, otherwise } = readCall(words);
  // Called by hand, nothing may stay.
  const mayStay = process.env["RELOAD_SESSION"] !== undefined && process.platform !== "win32";
  const place = { directory: process.cwd(), env: process.env };
  const answered = mayStay ? await ask(place, call).answer : undefined;
  if (answered === undefined) sayBuilding();
  const begun = answered ?? (mayStay ? await beginCompiler(call) : undefined);
  const answer = begun ?? (await carryOutCall(call, tools));
  if (answer === undefined && otherwise.length === 0) {
    process.stderr.write("typescript cannot be loaded from here: install it\n");
    return 1;
  }
  if (answer === undefined) return execute(otherwise);
  (answer.status === 0 ? process.stdout : process.stderr).write(answer.output);
  return answer.status;
}

const [word, first = "", whose] = process.argv.slice(2);
if (word === "--stay") stay(JSON.parse(first), Number(whose), { ...tools, stays: true });
else
  void main(process.argv.slice(2)).then((status) => {
    process.exitCode = status;
  });
