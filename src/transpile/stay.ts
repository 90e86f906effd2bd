/** A compiler that stays between builds, as those of watch modes do: left behind by the first build, it ends with the `reload` whose builds it serves. */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import { dirname, join } from "node:path";
import { type Answer, type Call, carryOut, type Tools, versionOf } from "./work.ts";

interface Question {
  readonly call: Call;
  readonly surroundings: string;
}

/** In a project where nothing was built for so long, the next build starts anew. */
const idleMs = 3_600_000;
/** The first start of the program comes first. */
const lateMs = 400;

/** `undefined`: it is called by hand, and nothing may stay. */
export const addressIn = (cache: string): string | undefined =>
  process.env["RELOAD_SESSION"] === undefined || process.platform === "win32"
    ? undefined
    : join(cache, "compiler.sock");

/** What is left of a build lives on; this is marked as what ends with the session, and by what it is found at that end. */
const marked = (): string => (process.env["RELOAD_SESSION"] ?? "").replace(/-[^-]*$/, "-runcompiler.");

/** What a compiler could look at: it is only as good as this. */
function surroundings(): string {
  const env = Object.entries({ ...process.env, RELOAD_SESSION: marked() }).filter(
    ([name]) => !/^(?:RELOAD_(?!SESSION$).*|_|SHLVL|OLDPWD)$/.test(name),
  );
  return JSON.stringify([process.cwd(), env.sort(), versionOf("typescript"), versionOf("tsup")]);
}

/** `undefined`: nobody is there, or what is there is not up to date and has ended. */
export function ask(address: string, call: Call): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const socket = createConnection(address);
    let text = "";
    socket.setEncoding("utf8");
    socket.on("connect", () => {
      const question: Question = { call, surroundings: surroundings() };
      socket.write(`${JSON.stringify(question)}\n`);
    });
    socket.on("data", (chunk: string) => {
      text += chunk;
    });
    socket.on("error", () => resolve(undefined));
    socket.on("close", () => {
      try {
        const answer: Answer = JSON.parse(text);
        resolve(answer);
      } catch {
        resolve(undefined);
      }
    });
  });
}

/** Leaves one behind. */
export function leave(address: string, call: Call): void {
  const [program = "", file = ""] = process.argv;
  const its = spawn(program, [file, "--stay", address, JSON.stringify(call), String(master())], {
    stdio: "ignore",
    detached: true,
    env: { ...process.env, RELOAD_SESSION: marked() },
  });
  its.on("error", () => {});
  its.unref();
}

/** The `reload` whose build this is: what called us, shells aside. */
function master(): number {
  let pid = process.ppid;
  for (let depth = 0; depth < 4; depth += 1) {
    const { stdout } = spawnSync("ps", ["-o", "ppid=,comm=", "-p", String(pid)], { encoding: "utf8" });
    const [, above, name = ""] = /^\s*(\d+)\s+(\S+)/.exec(stdout ?? "") ?? [];
    if (above === undefined || !/(?:^|[-/])(?:ba|da|z|k)?sh$/.test(name)) return pid;
    pid = Number(above);
  }
  return pid;
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** @param whose pid of the `reload` with which it ends, where nobody ends it sooner */
export function stay(address: string, first: Call, whose: number, tools: Tools): void {
  const known = surroundings();
  mkdirSync(dirname(address), { recursive: true });
  rmSync(address, { force: true });
  let turn: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => {
    rmSync(address, { force: true });
    process.exit(0);
  };
  setInterval(() => !isAlive(whose) && end(), 1_000).unref();
  const rest = (): void => {
    clearTimeout(timer);
    timer = setTimeout(end, idleMs);
  };
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let text = "";
    socket.setEncoding("utf8");
    socket.on("error", () => {});
    socket.on("data", (chunk: string) => {
      text += chunk;
      if (!text.endsWith("\n")) return;
      rest();
      const question: Question = JSON.parse(text);
      // One after the other: two builds would write into each other's files.
      turn = turn.then(async () => {
        // The directory is named anew where it was removed; what is installed may have become another version.
        if (question.surroundings !== known) return end();
        const answer = await carryOut(question.call, tools);
        socket.end(answer === undefined ? "" : JSON.stringify(answer));
      });
      turn.catch(end);
    });
  });
  server.on("error", () => process.exit(0));
  server.listen(address, () => {
    rest();
    // Loaded before it is needed: doing once more what has just been done finds nothing to do. tsup would build again.
    setTimeout(() => {
      turn = turn.then(() => carryOut(first.is === "tsup" ? { is: "tsup", args: ["--version"] } : first, tools));
      turn.catch(() => {});
    }, lateMs);
  });
}
