/** A compiler that stays between builds, as those of watch modes do: left behind by the first build, it ends with the `reload` whose builds it serves. */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { dirname } from "node:path";
import { addressIn, type CompilerQuestion, markOf, surroundingsOf } from "./ask.ts";
import type { CompilerCall } from "./call.ts";
import { sayBuilding } from "./types.ts";
import { carryOutCall, type Tools } from "./work.ts";

/** In a project where nothing was built for so long, the next build starts anew. */
const idleMs = 3_600_000;
/** The first start of the program comes first. */
const lateMs = 400;

/** Leaves one behind. */
export function leaveCompiler(call: CompilerCall): void {
  const [program = "", file = ""] = process.argv;
  const its = spawn(program, [file, "--stay", JSON.stringify(call), String(master())], {
    stdio: "ignore",
    detached: true,
    env: { ...process.env, RELOAD_SESSION: markOf(process.env) },
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
export function stay(first: CompilerCall, whose: number, tools: Tools): void {
  const known = surroundingsOf({ directory: process.cwd(), env: process.env });
  const address = addressIn(process.cwd());
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
  server.listen(address, () => {
    rest();
    // Loaded before it is needed: doing once more what has just been done finds nothing to do. tsup would build again.
    setTimeout(() => {
      turn = turn.then(() => carryOutCall(first.is === "tsup" ? { is: "tsup", args: ["--version"] } : first, tools));
      turn.catch(() => {});
    }, lateMs);
  });
}
