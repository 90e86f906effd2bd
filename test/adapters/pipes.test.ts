import { describe, expect, test } from "vitest";
import { newProject, type Project } from "../rig/project.ts";
import { until } from "../rig/until.ts";
import { type Driven, drive } from "./process-rig.ts";

const quoted = (path: string): string => JSON.stringify(path);

/** Says that it is up, and its last words when it is asked to end. */
const writer = 'trap "echo last words; exit 0" TERM; echo up >&2; echo first words; while :; do sleep 0.02; done';

/** Appends what it reads to a file, slowly, and tells its end. */
const slowReader = 'while IFS= read -r line; do sleep 0.1; echo "$line" >>"$1"; done; echo end >>"$1"';

interface Piped extends AsyncDisposable {
  readonly driven: Driven;
  readonly project: Project;
}

/** The shape is a line of a shell with the scripts `./writer` and `./reader`, which writes into `./log`. */
async function piped(
  shape: string,
  more: Parameters<typeof drive>[1] = {},
  files: Record<string, string> = {},
): Promise<Piped> {
  const project = newProject({ writer, reader: slowReader, ...files });
  const driven = drive(shape, { cwd: project.directory, ...more });
  return {
    driven,
    project,
    async [Symbol.asyncDispose]() {
      await driven[Symbol.asyncDispose]();
      project[Symbol.dispose]();
    },
  };
}

async function stopped({ driven, project }: Piped, up: () => boolean): Promise<string[]> {
  await until("it is up", up, () => project.read("log"));
  driven.running.stop(false);
  await driven.fact("runGone");
  expect(driven.leftWhenGone).toBe(0);
  expect(driven.facts.filter(({ type }) => type === "forced")).toEqual([]);
  return project.read("log").trim().split("\n");
}

describe.runIf(process.platform === "linux")("the last words of a program reach the reader of its pipe:", () => {
  const shapes: [string, string][] = [
    ["a | b", "sh writer | sh reader log"],
    ["a 2>&1 | b", "sh writer 2>&1 | grep --line-buffered words | sh reader log"],
    ["a | b | c", "sh writer | cat | sh reader log"],
    ["a list and a pipe behind it", "(true && sh writer) | sh reader log"],
    ["a shell in front that waits", "sh writer | sh reader log; true"],
    ["a reader behind a shell of its own", "sh writer | sh -c 'sh reader log; true'"],
    ["a reader in a sub-shell", "sh writer | (sh reader log)"],
  ];
  test.each(shapes)("%s", async (_, shape) => {
    await using pipeline = await piped(shape);
    const log = await stopped(pipeline, () => pipeline.project.read("log").includes("first"));
    expect(log).toEqual(["first words", "last words", "end"]);
  });

  test("also if there are many of them, and it is slower than its writer", async () => {
    const lines = 'i=0; while [ $i -lt 12 ]; do i=$((i + 1)); echo "last $i"; done';
    const many = `trap '${lines}; exit 0' TERM; echo first; while :; do sleep 0.02; done`;
    await using pipeline = await piped("sh many | sh reader log", {}, { many });
    const log = await stopped(pipeline, () => pipeline.project.read("log").includes("first"));
    expect(log.slice(1, 13)).toEqual(Array.from({ length: 12 }, (_, index) => `last ${index + 1}`));
  });

  test("into a file as well, with tee", async () => {
    await using pipeline = await piped("sh writer | tee log >/dev/null");
    expect(await stopped(pipeline, () => pipeline.project.read("log").includes("first"))).toEqual([
      "first words",
      "last words",
    ]);
  });
});

describe.runIf(process.platform === "linux")("who reads from a pipe and does not end with it", () => {
  test("gets the signal soon, long before stop_timeout", async () => {
    await using pipeline = await piped(
      `sh writer | sh -c 'trap "echo asked >>log; exit 0" TERM; : >isup; while :; do sleep 0.02; done'`,
      {
        ending: { timeoutMs: 60_000 },
      },
    );
    // The reader, the writer, and the shell of both; what they sleep by comes and goes.
    await pipeline.driven.grown(3);
    await until("it is up", () => pipeline.project.has("isup"));
    pipeline.driven.running.stop(false);
    await pipeline.driven.fact("runGone");
    expect(pipeline.project.read("log")).toBe("asked\n");
  });

  test("gets it together with the others if it is a server", async () => {
    const server =
      "const s = require('net').createServer().listen(0, () => fs.appendFileSync('log', 'up\\n'));" +
      "process.on('SIGTERM', () => { fs.appendFileSync('log', 'asked\\n'); setTimeout(() => process.exit(0), 50) });" +
      "process.stdin.on('end', () => fs.appendFileSync('log', 'end of input\\n')).resume()";
    await using pipeline = await piped(`(trap '' TERM; sleep 1000) | node -e ${quoted(server)}`, {
      ending: { timeoutMs: 2_000 },
    });
    await until("it is up", () => pipeline.project.read("log").includes("up"));
    pipeline.driven.running.stop(false);
    await pipeline.driven.fact("runGone");
    expect(pipeline.project.read("log").split("\n")[1]).toBe("asked");
  });

  test("gets it at once where everybody reads from somebody else", async () => {
    await using pipeline = await piped("mkfifo circle; cat <circle | cat >circle", { ending: { timeoutMs: 60_000 } });
    await pipeline.driven.grown(3);
    pipeline.driven.running.stop(false);
    await pipeline.driven.fact("runGone");
    expect(pipeline.driven.leftWhenGone).toBe(0);
  });
});

describe("what a program reads", () => {
  test.runIf(process.platform !== "win32")("never delivers and never ends where it gets no input", async () => {
    using project = newProject();
    await using driven = drive("cat >out; echo ended >>out", { cwd: project.directory, stdin: "silent" });
    await driven.fact("runReady");
    expect(driven.facts.some(({ type }) => type === "runExited")).toBe(false);
    driven.running.stop(false);
    await driven.fact("runGone");
    expect(project.read("out")).toBe("");
  });

  test.runIf(process.platform !== "win32")("has ended already with stdin = false", async () => {
    using project = newProject();
    await using driven = drive("cat >out; echo ended >>out", { cwd: project.directory, stdin: "empty" });
    await driven.fact("runExited");
    expect(project.read("out")).toBe("ended\n");
  });
});
