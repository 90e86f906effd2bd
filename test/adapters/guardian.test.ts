import { spawn } from "node:child_process";
import { once } from "node:events";
import { symlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { needs } from "../rig/needs.ts";
import { newProject } from "../rig/project.ts";
import { isAlive, processesWith } from "../rig/reload.ts";
import { until } from "../rig/until.ts";
import { newSession } from "./process-rig.ts";

const hasSetsid = needs("setsid");
const ward = fileURLToPath(new URL("guarded.mjs", import.meta.url));

/** A stand-in for `reload`: it holds the pipe, starts what it is told to, and waits to be killed. */
async function guarded(
  session: string,
  steps: object[],
  path = process.env["PATH"],
): Promise<{ pid: number; kill(): Promise<void>; stop(): Promise<void> }> {
  const child = spawn(process.execPath, [ward, session, JSON.stringify(steps)], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, PATH: path },
  });
  const exit = once(child, "exit");
  await once(child.stdout, "data");
  return {
    pid: child.pid ?? 0,
    async kill() {
      child.kill("SIGKILL");
      await exit;
    },
    async stop() {
      child.stdin.end();
      await exit;
    },
  };
}

/** A PATH with nothing on it but these. */
function pathOf(project: ReturnType<typeof newProject>, ...tools: string[]): string {
  for (const tool of tools) symlinkSync(`/bin/${tool}`, project.path(tool));
  return project.directory;
}

describe.runIf(process.platform === "linux")("when reload is killed with SIGKILL its guardian", () => {
  test.each([
    ["ends everything of its runs, in and out of the group", undefined],
    ["needs no grep, no ps, nothing but a shell", ["sh", "sleep", "env", "setsid"]],
  ])("%s", async (_, tools) => {
    using project = newProject();
    const session = newSession();
    const away = hasSetsid ? "setsid sleep 1000 & (setsid sleep 1001 &);" : "sleep 1000 &";
    const tree = await guarded(
      session,
      [
        { name: "run1", command: `${away} trap '' TERM; sleep 1002 & sleep 1003; true` },
        { name: "run2", command: "sleep 1004 & exit 0" },
      ],
      tools === undefined ? undefined : pathOf(project, ...tools),
    );
    await until("all of them", () => processesWith(session).length >= 7);
    await tree.kill();
    await until("none of them", () => processesWith(session).length === 0);
  });

  test("ends the build that runs, and leaves alone what an earlier one left on purpose", async () => {
    const session = newSession();
    const tree = await guarded(session, [
      { name: "build1", command: "sleep 1000 & exit 0", end: true },
      { name: "build2", command: "sleep 1001; true" },
    ]);
    await until("all of them", () => processesWith(session).length >= 4);
    await tree.kill();
    await until("none of the second", () => processesWith(`${session}-build2.`).length === 0);
    const left = processesWith(`${session}-build1.`);
    expect(left).toHaveLength(1);
    for (const pid of left) process.kill(pid, "SIGKILL");
  });

  test("ends what cleared its environment, as long as it is in the group", async () => {
    const session = newSession();
    const mark = `${3_000_000 + Math.floor(Math.random() * 1_000_000)}`;
    const tree = await guarded(session, [{ name: "run1", command: `exec env -i sleep ${mark}` }]);
    const sleeping = (): number[] => processesWith(`sleep\0${mark}`);
    await until("it runs", () => sleeping().length === 1);
    await tree.kill();
    await until("it is gone", () => sleeping().length === 0);
  });

  test("survives every signal that ends others, and is replaced when it is killed itself", async () => {
    const session = newSession();
    const guardians = (): number[] => processesWith(`reload-guardian\0${session}`);
    const tree = await guarded(session, [{ name: "run1", command: "sleep 1000; true" }]);
    const [first = 0] = await until("the guardian", () => (guardians().length === 1 ? guardians() : undefined));
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGTSTP", "SIGUSR1"] as const)
      process.kill(first, signal);
    process.kill(first, "SIGKILL");
    await until("another one", () => guardians().some((pid) => pid !== first));
    await tree.kill();
    await until("none left", () => processesWith(session).length === 0);
  });

  test("leaves together with reload when that ends in order", async () => {
    const session = newSession();
    const tree = await guarded(session, [{ name: "run1", command: "true", end: true }]);
    await until("the guardian", () => processesWith(`reload-guardian\0${session}`).length === 1);
    await tree.stop();
    await until("it is gone", () => processesWith(`reload-guardian\0${session}`).length === 0);
  });

  test("touches nobody else", async () => {
    const session = newSession();
    const stranger = spawn("sleep", ["1000"], {
      detached: true,
      stdio: "ignore",
      env: { RELOAD_SESSION: newSession() },
    });
    const tree = await guarded(session, [{ name: "run1", command: "sleep 1000; true" }]);
    await tree.kill();
    await until("none left", () => processesWith(session).length === 0);
    expect(isAlive(stranger.pid ?? 0)).toBe(true);
    stranger.kill("SIGKILL");
  });
});
