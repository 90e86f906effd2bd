/**
 * Saves every 12 to 32 ms against programs that live for 0 to 90 ms and leave all kinds of things behind, while they,
 * the guardian and `reload` itself get signals by chance. In the end: nobody is left, no two runs were ever alive at
 * once, and whoever was asked to end did.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { needs } from "../rig/needs.ts";
import { newProject, type Project } from "../rig/project.ts";
import { isAlive, processesWith, type Reload, reload } from "../rig/reload.ts";
import { until } from "../rig/until.ts";
import { type Chance, chance } from "./chance.ts";

const seconds = Number(process.env["SOAK_SECONDS"] ?? 60);
const seed = Number(process.env["SOAK_SEED"] ?? Date.now() % 1_000_000);
const program = fileURLToPath(new URL("program.sh", import.meta.url));

const canSoak = process.platform === "linux" && needs("flock") && needs("setsid");

const settings: [string, string][] = [
  ["that waits for a change when the program ends", 'on_exit = "wait"\n[watch]\ndebounce = 0\n'],
  [
    "that restarts the program, and builds",
    'on_exit = "restart"\n[build]\ncmd = "sleep 0.02; [ $(($$ % 5)) -ne 0 ]"\n[watch]\nmax_wait = "200ms"\n',
  ],
];

describe.runIf(canSoak).concurrent("a reload under fire", () => {
  test.each(settings)("%s", async (name, rest) => {
    const random = chance(seed + name.length);
    process.stderr.write(`soak: ${name}: SOAK_SEED=${seed} SOAK_SECONDS=${seconds}\n`);
    using project = newProject({
      ".reload.toml": `[proc]\ncmd = ["sh", ${JSON.stringify(program)}]\nstop_timeout = "80ms"\n${rest}include_files = [".txt"]\n`,
      "a.txt": "0",
    });
    const mark = `SOAK_${process.pid}_${random.between(0, 1e9)}`;
    const guardians = new Set<number>();
    const begin = (): Reload =>
      reload([], {
        cwd: project.directory,
        env: {
          [mark]: "1",
          XDG_RUNTIME_DIR: project.directory,
          LOCK: project.path("lock"),
          LAST: project.path("last"),
          OVERLAPS: project.path("overlaps"),
          STARTS: project.path("starts"),
        },
      });
    const alive = (): number[] => processesWith(mark);
    const seen = (): string => alive().map(describeProcess).join("\n");

    let running = begin();
    let saves = 0;
    let began = performance.now();
    const end = performance.now() + seconds * 1_000;
    let startsBefore = 0;
    while (performance.now() < end) {
      saves += 1;
      project.write("a.txt", String(saves));
      await pause(random.between(12, 32));
      if (random.between(1, 20) === 1) disturb(random, alive(), running, guardians);
      if (performance.now() - began < random.between(3_000, 9_000)) continue;
      // It has kept going, and ends when it is told to.
      const starts = count(project);
      expect(starts, running.seen()).toBeGreaterThan(startsBefore);
      startsBefore = starts;
      const how = random.one(["SIGKILL", "SIGKILL", "SIGTERM", "SIGINT", "SIGHUP"] as const);
      const pid = running.pid;
      running.signal(how);
      await until(
        `the end by ${how}`,
        () => !isAlive(pid),
        () => `${running.seen()}\n${seen()}`,
      );
      if (how !== "SIGKILL") expect(alive().map(describeProcess), how).toEqual([]);
      // A next one finds what the guardian has not ended yet; or all is gone without it, within two seconds.
      else if (random.between(0, 1) === 0) await until("nobody", () => alive().length === 0, seen, 2_000);
      running = begin();
      began = performance.now();
    }
    // One that has only just been started has no ears yet, and has started nothing. Its first build may have failed, as
    // every fifth does: then only a save brings a start.
    while (count(project) === startsBefore && performance.now() < end + 20_000) {
      project.write("a.txt", String(++saves));
      await pause(250);
    }
    expect(count(project), running.seen()).toBeGreaterThan(startsBefore);
    running.signal("SIGTERM");
    const { code } = await running.ended;
    expect(code, running.seen()).toBe(143);
    expect(alive().map(describeProcess)).toEqual([]);
    expect(project.read("overlaps")).toBe("");
    await until("the guardians gone", () => ![...guardians].some((pid) => isGuardian(pid)));
    process.stderr.write(`soak: ${name}: ${saves} saves, ${count(project)} starts, nobody left\n`);
  });
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const count = (project: Project): number => project.read("starts").split("\n").length - 1;

function disturb(chance: Chance, alive: readonly number[], { pid }: Reload, guardians: Set<number>): void {
  const victims = alive.filter((each) => each !== pid);
  const guardian = guardianOf(pid);
  if (guardian !== undefined) guardians.add(guardian);
  const signal = chance.one(["SIGTERM", "SIGKILL", "SIGSTOP", "SIGCONT", "SIGHUP", "SIGPIPE"] as const);
  const whom = chance.between(1, 12);
  if (whom === 1 && guardian !== undefined) send(guardian, "SIGKILL");
  else if (whom <= 3) send(pid, chance.one(["SIGWINCH", "SIGCONT"] as const));
  else if (victims.length > 0) send(victims[chance.between(0, victims.length - 1)] ?? 0, signal);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    if (pid > 1) process.kill(pid, signal);
  } catch {
    // Gone already.
  }
}

function guardianOf(reload: number): number | undefined {
  try {
    const children = readFileSync(`/proc/${reload}/task/${reload}/children`, "utf8").trim().split(" ").map(Number);
    return children.find(isGuardian);
  } catch {
    return undefined;
  }
}

function isGuardian(pid: number): boolean {
  try {
    return isAlive(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("reload-guardian");
  } catch {
    return false;
  }
}

function describeProcess(pid: number): string {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
    const run = /RELOAD_RUN=\d+/.exec(readFileSync(`/proc/${pid}/environ`, "utf8"))?.[0];
    return `${pid} ${command} ${run}`;
  } catch {
    return `${pid} gone`;
  }
}
