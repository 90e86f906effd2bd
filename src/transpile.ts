/** The build of a detected TypeScript project: `node transpile.js [-p CONFIG] [--ts-node ENTRY] [--else COMMAND ARG...]` or `node transpile.js tsup ARG...`, and what else is to be run where that is not enough. `--types -p CONFIG` looks at types alone. */
import { spawnSync } from "node:child_process";
import { constants, setPriority } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { addressIn, ask, leave, stay } from "./transpile/stay.ts";
import { type Call, carryOut, type Tools } from "./transpile/work.ts";

const cache = "node_modules/.cache/reload";
const tools: Tools = { cache, hook: fileURLToPath(new URL("./preload.js", import.meta.url)) };

interface Asked {
  readonly call: Call;
  /** What does the same, more slowly. */
  readonly otherwise: readonly string[];
}

function read(words: readonly string[]): Asked {
  const [first = "", ...others] = words;
  if (first === "tsup") return { call: { is: "tsup", args: others }, otherwise: words };
  const at = words.indexOf("--else");
  const own = at < 0 ? words : words.slice(0, at);
  const otherwise = at < 0 ? ["tsc"] : words.slice(at + 1);
  const config = valueAfter(own, "-p", "--project") ?? "tsconfig.json";
  const entry = valueAfter(own, "--ts-node");
  return { call: entry === undefined ? { is: "project", config } : { is: "ts-node", config, entry }, otherwise };
}

function valueAfter(words: readonly string[], ...names: readonly string[]): string | undefined {
  const at = words.findIndex((word) => names.includes(word));
  return at < 0 ? undefined : words[at + 1];
}

function execute([command = "tsc", ...args]: readonly string[]): number {
  const { status, error } = spawnSync(command, args, { stdio: "inherit", shell: process.platform === "win32" });
  if (error !== undefined) process.stderr.write(`${command}: ${error.message}\n`);
  return status ?? 1;
}

/** Nothing waits for it, and it takes no time from what does: it remembers what it has looked at. */
function checkTypes(config: string): number {
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  const known = join(cache, `types-${config.replaceAll(/[^\w.-]+/g, "_")}.tsbuildinfo`);
  return execute(["tsc", "-p", config, "--noEmit", "--incremental", "--tsBuildInfoFile", known]);
}

async function main(words: readonly string[]): Promise<number> {
  if (words[0] === "--types") return checkTypes(valueAfter(words, "-p") ?? "tsconfig.json");
  const { call, otherwise } = read(words);
  const address = addressIn(cache);
  const answered = address === undefined ? undefined : await ask(address, call);
  const answer = answered ?? (await carryOut(call, tools));
  if (answer === undefined) return execute(otherwise);
  (answer.status === 0 ? process.stdout : process.stderr).write(answer.output);
  if (answered === undefined && answer.status === 0 && address !== undefined) leave(address, call);
  return answer.status;
}

const [word, address = "", first = "", whose] = process.argv.slice(2);
if (word === "--stay") stay(address, JSON.parse(first), Number(whose), tools);
else
  void main(process.argv.slice(2)).then((status) => {
    process.exitCode = status;
  });
