/** A pipe that is full and that nobody reads: what runs waits for it, and `reload` does not. */
import { spawn, spawnSync } from "node:child_process";
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { newProject } from "../rig/project.ts";
import { cleanEnv } from "../rig/reload.ts";
import { until } from "../rig/until.ts";

const cli = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));

/** Until there is no room for one byte more. */
function fill(pipe: number): void {
  try {
    for (const size of [4096, 1]) for (;;) if (!write(pipe, size)) break;
  } finally {
    expect(write(pipe, 1)).toBe(false);
  }
}

function write(pipe: number, size: number): boolean {
  try {
    return writeSync(pipe, Buffer.alloc(size, "x")) > 0;
  } catch {
    return false;
  }
}

function isThere(pid: string): boolean {
  try {
    return process.kill(Number(pid), 0);
  } catch {
    return false;
  }
}

test.runIf(process.platform === "linux")(
  "a full pipe that nobody reads holds up neither a save nor the end, and nothing is left",
  async () => {
    using project = newProject({
      ".reload.toml": '[proc]\ncmd = ["sh", "p.sh"]\nstop_timeout = "200ms"\n[watch]\ninclude_files = [".txt"]\n',
      "p.sh": "echo $$ >> pids; exec sleep 1000\n",
      "a.txt": "0",
    });
    const fifo = project.path("fifo");
    expect(spawnSync("mkfifo", [fifo]).status).toBe(0);
    const kept = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
    const given = openSync(fifo, constants.O_WRONLY);
    const child = spawn(process.execPath, [cli], {
      cwd: project.directory,
      env: cleanEnv({}),
      stdio: ["ignore", given, given],
    });
    closeSync(given);
    const ended = new Promise((resolve) => child.once("close", resolve));
    const pids = (): string[] => project.read("pids").split("\n").slice(0, -1);
    const seen = (): string => project.read("pids");
    try {
      await until("the first run", () => pids().length === 1, seen);
      fill(kept);
      for (let count = 2; count <= 3; count += 1) {
        project.write("a.txt", String(count));
        await until(`run ${count}`, () => pids().length >= count, seen);
      }
      child.kill("SIGTERM");
      expect(await ended).toBe(143);
      expect(pids().filter(isThere)).toEqual([]);
    } finally {
      child.kill("SIGKILL");
      await ended;
      closeSync(kept);
    }
  },
);
