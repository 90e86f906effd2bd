/**
 * Runs what people run in each of the shapes, looks at the process that comes of it, and writes it down in `recorded.json`; then runs
 * `reload` in the same place and says where its process is another one. `npm run projects -- --record`
 */
import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { toolKit } from "./kit.ts";
import { type Started, startedAs } from "./process.ts";
import type { Shape } from "./shape.ts";
import { idOf, shapes } from "./shapes.ts";

const cli = resolve("dist/cli.js");
const recordedFile = resolve("test/projects/recorded.json");

export type Recorded = Readonly<Record<string, Started>>;

export async function record(only: string | undefined): Promise<number> {
  const kit = toolKit(new Set(["node"]));
  const recorded: Record<string, Started> = existsSync(recordedFile)
    ? JSON.parse(readFileSync(recordedFile, "utf8"))
    : {};
  let failures = 0;
  for (const [index, shape] of shapes.entries()) {
    const id = idOf(shape, index);
    if (only !== undefined && !new RegExp(only).test(id)) continue;
    const directory = mkdtempSync(join(tmpdir(), "reload-shape-"));
    try {
      layOut(directory, shape, kit.node);
      const env = environment(directory);
      const place = join(directory, shape.directory ?? "");
      if (shape.first !== undefined) await finished(shape.first, place, env);
      const theirs = await look(["/bin/sh", "-c", shape.tool], place, env, directory);
      const ours = await look([process.execPath, cli, "--verbose"], place, env, directory);
      if (theirs.is === "process") recorded[id] = theirs.started;
      write(recorded);
      const watcher = ours.is === "process" ? ours.above.find((line) => watching.test(line)) : undefined;
      const same = JSON.stringify(plain(theirs)) === JSON.stringify(plain(ours)) && watcher === undefined;
      if (watcher !== undefined) process.stdout.write(`it is watched: ${watcher}\n`);
      if (!same && shape.apart === undefined) failures += 1;
      process.stdout.write(`${same ? "same " : shape.apart === undefined ? "OTHER" : "apart"} ${id}\n`);
      if (!same)
        process.stdout.write(`   theirs ${JSON.stringify(plain(theirs))}\n   ours   ${JSON.stringify(plain(ours))}\n`);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }
  process.stdout.write(`${failures} of ${shapes.length} run another program\n`);
  return failures === 0 ? 0 : 1;
}

/** In the order of the shapes, and no more than those. */
function write(recorded: Recorded): void {
  const sorted = Object.fromEntries(
    shapes
      .map((shape, index) => idOf(shape, index))
      .flatMap((id) => (recorded[id] === undefined ? [] : [[id, recorded[id]]])),
  );
  writeFileSync(recordedFile, `${JSON.stringify(sorted, null, 1)}\n`);
}

export function layOut(directory: string, { files, executable }: Shape, modules: string): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  if (executable !== undefined) chmodSync(join(directory, executable), 0o755);
  symlinkSync(modules, join(directory, "node_modules"));
}

function environment(directory: string): NodeJS.ProcessEnv {
  const { PATH = "", HOME = "/root" } = process.env;
  return {
    PATH: `${join(directory, "node_modules/.bin")}:${PATH}`,
    HOME,
    SHELL: "/bin/sh",
    RELOAD_SHAPE: join(directory, "..", `${directory.split("/").at(-1)}.pid`),
    npm_config_update_notifier: "false",
  };
}

/** What is between `reload` and the program watches nothing. */
const watching =
  /\b(?:nodemon|node-dev|ts-node-dev|npm-watch|onchange|chokidar|tsc-watch|wireit|concurrently|npm-run-all)\b|\s--watch\b|\btsx watch\b/;

interface OfProcess {
  readonly is: "process";
  readonly started: Started;
  /** Lines of the processes above it, up to the first that we started. */
  readonly above: readonly string[];
}

type Looked = OfProcess | { readonly is: "none"; readonly output: string };

const plain = (looked: Looked): unknown => (looked.is === "process" ? looked.started : looked);

const deadlineMs = 40_000;

/** Starts a command, waits for the program to say who it is, looks at it, and ends everything. */
async function look(command: readonly string[], cwd: string, env: NodeJS.ProcessEnv, project: string): Promise<Looked> {
  const file = env["RELOAD_SHAPE"] ?? "";
  rmSync(file, { force: true });
  const [program = "", ...args] = command;
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  let pid: number | undefined;
  let seen: Readonly<Record<string, string>> = {};
  let hasEnded = false;
  child.once("exit", () => {
    hasEnded = true;
  });
  try {
    for (const endMs = Date.now() + deadlineMs; Date.now() < endMs && pid === undefined && !hasEnded; ) {
      if (existsSync(file)) ({ pid, env: seen } = JSON.parse(readFileSync(file, "utf8")));
      else await new Promise((resolve_) => setTimeout(resolve_, 20));
    }
    if (pid === undefined) return { is: "none", output };
    return { is: "process", started: startedAs(pid, seen, project, env), above: linesAbove(pid, child.pid) };
  } finally {
    await end(child.pid, pid, () => hasEnded);
    rmSync(file, { force: true });
  }
}

function linesAbove(pid: number, top: number | undefined): string[] {
  const lines: string[] = [];
  for (let at = pid; at > 1 && at !== top; ) {
    const status = readFileSync(`/proc/${at}/status`, "utf8");
    lines.push(readFileSync(`/proc/${at}/cmdline`, "utf8").replaceAll("\0", " "));
    at = Number(/^PPid:\s*(\d+)/m.exec(status)?.[1] ?? 0);
  }
  // The first is the program itself.
  return lines.slice(1);
}

async function end(leader: number | undefined, pid: number | undefined, hasEnded: () => boolean): Promise<void> {
  const send = (id: number, signal: NodeJS.Signals): void => {
    try {
      process.kill(id, signal);
    } catch {
      // It has ended.
    }
  };
  if (leader !== undefined) send(-leader, "SIGTERM");
  for (const endMs = Date.now() + 3_000; Date.now() < endMs && !hasEnded(); )
    await new Promise((resolve_) => setTimeout(resolve_, 20));
  if (leader !== undefined) send(-leader, "SIGKILL");
  if (pid !== undefined) send(pid, "SIGKILL");
}

async function finished(line: string, cwd: string, env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn("/bin/sh", ["-c", line], { cwd, env, stdio: "ignore" });
  await new Promise((resolve_) => child.once("exit", resolve_));
}
