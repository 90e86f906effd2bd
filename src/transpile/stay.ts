/** A compiler that stays between builds, as those of watch modes do: the first build begins it, and it ends with the `reload` whose builds it serves. */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, statSync } from "node:fs";
import { createServer, Socket } from "node:net";
import { dirname } from "node:path";
import { addressIn, type CompilerQuestion, markOf, readAnswer, surroundingsOf } from "./ask.ts";
import type { Answer, CompilerCall } from "./call.ts";
import { sayBuilding } from "./types.ts";
import { keepCode } from "./typescript.ts";
import { carryOutCall, type Tools } from "./work.ts";

/** In a project where nothing was built for so long, the next build starts anew. */
const idleMs = 3_600_000;
/** So long after its first build it leaves the processors to the program, which starts. */
const startMs = 1_500;
/** Where it writes its first answer. */
const answerFd = 3;

/**
 * Begins one, which does this build as its first: what it loads for that it needs for the next ones. As long as this
 * build is under way it carries the mark of this build too, and ends with it, so that nothing of what was given up is
 * written later. `undefined`: it cannot do it.
 */
export function beginCompiler(call: CompilerCall): Promise<Answer | undefined> {
  const [program = "", file = ""] = process.argv;
  const child = spawn(program, [file, "--stay", JSON.stringify(call), String(master())], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
    detached: true,
    env: { ...process.env, RELOAD_STAYS: markOf(process.env) },
  });
  const answers = child.stdio[answerFd];
  let text = "";
  answers?.on("data", (chunk: Buffer) => {
    text += chunk.toString("utf8");
  });
  return new Promise((done) => {
    const end = (answer: Answer | undefined): void => {
      child.unref();
      done(answer);
    };
    child.once("error", () => end(undefined));
    answers?.once("error", () => end(undefined));
    answers?.once("close", () => end(readAnswer(text)));
  });
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

const fileOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.ino;

/** @param whose pid of the `reload` with which it ends, where nobody ends it sooner */
export function stay(first: CompilerCall, whose: number, tools: Tools): void {
  const known = surroundingsOf({ directory: process.cwd(), env: process.env });
  const address = addressIn(process.cwd());
  let own: number | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => {
    if (own !== undefined && fileOf(address) === own) rmSync(address, { force: true });
    process.exit(0);
  };
  // Another one may have taken the address: then nobody asks this one any more.
  const isNeeded = (): boolean => isAlive(whose) && (own === undefined || fileOf(address) === own);
  setInterval(() => isNeeded() || end(), 1_000).unref();
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
      const question: CompilerQuestion = JSON.parse(text);
      // One after the other: two builds would write into each other's files.
      turn = turn.then(async () => {
        // The directory is named anew where it was removed; what is installed may have become another version.
        if (question.surroundings !== known) return end();
        sayBuilding();
        const answer = await carryOutCall(question.call, tools);
        socket.end(answer === undefined ? "" : JSON.stringify(answer));
      });
      turn.catch(end);
    });
  });
  server.on("error", () => process.exit(0));
  const answers = new Socket({ fd: answerFd, writable: true });
  answers.on("error", () => process.exit(0));
  turn = carryOutCall(first, tools).then((answer) => {
    // With what cannot be done so, there is nothing to stay for.
    if (answer === undefined) return end();
    mkdirSync(dirname(address), { recursive: true });
    rmSync(address, { force: true });
    server.listen(address, () => {
      own = fileOf(address);
      rest();
      answers.end(JSON.stringify(answer));
      setTimeout(keepCode, startMs).unref();
    });
  });
  turn.catch(end);
}
