/** What one call is to do, and how it went: the same in a process of its own and in the one that stays. */
import { existsSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { beside, cacheOf } from "./cache.ts";
import type { Answer, CompilerCall } from "./call.ts";
import { type Nest, nestIn } from "./nest.ts";
import { type Bundler, bundlerFor, bundlerSettings } from "./nest-bundle.ts";
import { parse } from "./options.ts";
import { type Transpiled, transpile } from "./transpile.ts";
import { placeFor, transpileAhead } from "./ts-node.ts";
import { loadTypeScript, type ParsedConfig, type TypeScript } from "./typescript.ts";
import { compileWhole, isEmitting, noDeclarations, type Whole } from "./whole.ts";

/** What was loaded for calls, and stays loaded where the process stays. */
export interface Tools {
  /** Of this program: what a program that is run by ts-node loads. */
  readonly hook: string;
  typescript?: TypeScript | undefined;
  tsup?: (() => Promise<unknown>) | undefined;
  /** By the path of their configuration. */
  readonly wholes: Map<string, Whole>;
  /** The one of the last call, where this process stays: set up for one build it would be slower than Nest itself. */
  bundler?: Bundler | undefined;
  readonly stays?: true;
}

/** `undefined`: this cannot be done so; the command itself has to do it. */
export async function carryOutCall(call: CompilerCall, tools: Tools): Promise<Answer | undefined> {
  if (call.is === "tsup") return bundle(call.args, tools);
  if (call.is === "nest") return bundleNest(call.args, tools);
  tools.typescript ??= loadTypeScript(process.cwd(), beside);
  const { typescript: ts } = tools;
  if (ts === undefined) return undefined;
  const path = resolve(call.config);
  const config = existsSync(join(path, "tsconfig.json")) ? join(path, "tsconfig.json") : path;
  const { config: named } = call;
  if (call.is === "project")
    return call.isNest === true ? buildNest(ts, config, call.app, tools) : buildProject(ts, config, tools);
  return answerTo(
    transpileAhead(
      ts,
      { directory: process.cwd(), entry: call.entry, config },
      resolve(call.place ?? placeFor(beside, named)),
      tools.hook,
    ),
  );
}

async function bundleNest(args: readonly string[], tools: Tools): Promise<Answer | undefined> {
  const main = tools.stays === true ? dependencyProgram("nest") : undefined;
  if (main === undefined) return undefined;
  const { bundler: before } = tools;
  // Nest can be set up once in a process: with another configuration the next one begins.
  if (before !== undefined && (before.settings !== bundlerSettings(args) || before.hasLostOutput())) return undefined;
  tools.bundler = before ?? (await bundlerFor(main, args));
  return tools.bundler?.build();
}

async function buildNest(
  ts: TypeScript,
  config: string,
  app: string | undefined,
  tools: Tools,
): Promise<Answer | undefined> {
  const parsed = parse(ts, config, {});
  const nest =
    parsed === undefined
      ? undefined
      : await nestIn(ts, { directory: process.cwd(), app }, parsed).catch(() => undefined);
  if (parsed === undefined || nest === undefined) return undefined;
  const cache = cacheOf(process.cwd());
  const result = nest.isWhole ? buildWhole(ts, config, parsed, tools, nest) : transpile(ts, config, cache);
  if (result?.is === "done") nest.copyAssets();
  return answerTo(result);
}

/** As a whole where a file alone does not tell what becomes of it. */
function buildProject(ts: TypeScript, config: string, tools: Tools): Answer | undefined {
  const result = transpile(ts, config, cacheOf(process.cwd()));
  if (result.is !== "unfit") return answerTo(result);
  const parsed = parse(ts, config, {});
  return answerTo(parsed && buildWhole(ts, config, parsed, tools));
}

/** `undefined`: it does not write each file beside the others. */
function buildWhole(
  ts: TypeScript,
  config: string,
  parsed: ParsedConfig,
  { wholes }: Tools,
  nest?: Nest,
): Transpiled | undefined {
  if (!isEmitting(parsed)) return undefined;
  // Of a package that others are compiled with, these look at its declarations; of a Nest program there are none.
  const asked = nest === undefined ? parsed : { ...parsed, options: { ...parsed.options, ...noDeclarations } };
  const { result, whole } = compileWhole(
    ts,
    asked,
    wholes.get(config),
    (program) => nest?.transformersFor(program) ?? {},
  );
  wholes.set(config, whole);
  return result;
}

function answerTo(result: Transpiled | undefined): Answer | undefined {
  switch (result?.is) {
    case "done":
      return { status: 0, output: "" };
    case "failed":
      return { status: 1, output: result.message };
    default:
      return undefined;
  }
}

/** tsup in this process: what it says is what its own program would have said. */
async function bundle(args: readonly string[], tools: Tools): Promise<Answer | undefined> {
  const main = dependencyProgram("tsup");
  if (main === undefined) return undefined;
  tools.tsup ??= mainOf(main);
  if (tools.tsup === undefined) return undefined;
  const before = process.argv;
  process.argv = [process.execPath, main, ...args];
  const said = listen();
  try {
    await tools.tsup();
    return { status: 0, output: said.end() };
  } catch (error) {
    return { status: 1, output: `${said.end()}${faultOf(error)}\n` };
  } finally {
    said.end();
    process.argv = before;
    process.exitCode = undefined;
  }
}

/** The file behind a program that a dependency brought. */
export function dependencyProgram(name: string): string | undefined {
  try {
    return realpathSync(resolve("node_modules/.bin", name));
  } catch {
    return undefined;
  }
}

function mainOf(program: string): (() => Promise<unknown>) | undefined {
  const file = join(dirname(program), "cli-main.js");
  if (!existsSync(file)) return undefined;
  const loaded: unknown = createRequire(program)(file);
  const main: unknown = typeof loaded === "object" && loaded !== null && "main" in loaded ? loaded.main : undefined;
  return typeof main === "function" ? async () => main() : undefined;
}

const faultOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  // What esbuild found is in the message; where esbuild found it is nobody's matter.
  return error.constructor.name === "PrettyError" || "errors" in error ? error.message : (error.stack ?? error.message);
};

/** What this process prints meanwhile is the answer's. */
function listen(): { end(): string } {
  const streams = [process.stdout, process.stderr];
  const writes = streams.map((stream) => stream.write);
  let text = "";
  const hear = (chunk: unknown): boolean => {
    text += chunk instanceof Uint8Array ? Buffer.from(chunk).toString("utf8") : String(chunk);
    return true;
  };
  for (const stream of streams) stream.write = hear;
  return {
    end() {
      for (const [index, stream] of streams.entries()) stream.write = writes[index] ?? stream.write;
      return text;
    },
  };
}
