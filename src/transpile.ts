/** `node transpile.js [-p tsconfig.json] [--else COMMAND ARG...]`: the build of a detected TypeScript project, and what else is to be run where that is not enough. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { transpile } from "./transpile/transpile.ts";
import { loadTypeScript } from "./transpile/typescript.ts";

const words = process.argv.slice(2);
const otherwise = words.indexOf("--else");
const own = otherwise < 0 ? words : words.slice(0, otherwise);
const project = own[own.findIndex((word) => word === "-p" || word === "--project") + 1] ?? "tsconfig.json";
const cache = resolve("node_modules/.cache/reload");

function compile(): number {
  const [command = "tsc", ...args] = otherwise < 0 ? [] : words.slice(otherwise + 1);
  const { status, error } = spawnSync(command, args, { stdio: "inherit", shell: process.platform === "win32" });
  if (error !== undefined) process.stderr.write(`${command}: ${error.message}\n`);
  return status ?? 1;
}

function main(): number {
  const path = resolve(project);
  const config = existsSync(join(path, "tsconfig.json")) ? join(path, "tsconfig.json") : path;
  const ts = loadTypeScript(process.cwd(), cache);
  if (ts === undefined) return compile();
  const result = transpile(ts, config, cache);
  switch (result.is) {
    case "done":
      return 0;
    case "failed":
      process.stderr.write(result.message);
      return 1;
    case "unfit":
      return compile();
  }
}

process.exitCode = main();
