import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { needs } from "../rig/needs.ts";
import { newProject } from "../rig/project.ts";
import { isAlive } from "../rig/reload.ts";
import { until } from "../rig/until.ts";
import { drive } from "./process-rig.ts";

const hasSetsid = needs("setsid");

describe.runIf(process.platform === "linux")("of a tree nothing is left when it is told to be gone:", () => {
  // How many processes there are of it, the leader included.
  const shapes: [string, string, number][] = [
    ["children and grandchildren", "sleep 1000 & (sleep 1001 & sleep 1002 & wait) & wait", 5],
    ["a shell in front of the program", "sleep 1000; true", 2],
    ["a child that was reparented, in the group still", "(sleep 1000 &); sleep 1001; true", 3],
    ["one that ignores the signal", "trap '' TERM; sleep 1000; true", 2],
    ["a child that ignores the signal, after its parent obeyed", "(trap '' TERM; sleep 1000; true) & sleep 1001", 4],
  ];
  if (hasSetsid) {
    shapes.push(
      ["a child in a session of its own", "setsid sleep 1000 & sleep 1001; true", 3],
      ["a daemon: own session, reparented", "(setsid sleep 1000 &); sleep 1001; true", 3],
      [
        "a daemon with children that ignores the signal",
        "(setsid sh -c 'trap \"\" TERM; sleep 1 & sleep 1000; true' &); sleep 1001",
        4,
      ],
    );
  }
  test.each(shapes)("%s", async (_, command, size) => {
    await using driven = drive(command, { ending: { timeoutMs: 300 } });
    await driven.grown(size);
    driven.running.stop(false);
    await driven.fact("runGone");
    expect(driven.leftWhenGone).toBe(0);
  });

  test("one that is stopped (SIGSTOP)", async () => {
    await using driven = drive("sleep 1000; true");
    const pids = await driven.grown(2);
    for (const pid of pids) process.kill(pid, "SIGSTOP");
    driven.running.stop(false);
    await driven.fact("runGone");
    expect(driven.leftWhenGone).toBe(0);
    // It was continued, not waited for.
    expect(driven.facts.some(({ type }) => type === "forced")).toBe(false);
  });

  test("one that forks on and on while it is killed", async () => {
    await using driven = drive("while :; do sleep 0.2 & done", { ending: { timeoutMs: 0 } });
    await driven.grown(8);
    driven.running.stop(false);
    await driven.fact("runGone");
    expect(driven.leftWhenGone).toBe(0);
  });

  test.runIf(needs("perl"))("one that flees from session to session, a new process every moment", async () => {
    // It gives up by itself after half a second or so, if nobody catches it.
    // The lock is held by whoever of them is alive: each inherits it.
    const flee = `use POSIX; open L, ">lock"; flock L, 2; open F, ">fleeing"; close F; for (1..10000) { exit if fork; POSIX::setsid() }`;
    // Somebody who looks only once catches it every other time.
    for (let time = 0; time < 8; time += 1) {
      using project = newProject();
      await using driven = drive(["sh", "-c", `perl -e '${flee}' & sleep 1000; true`], {
        cwd: project.directory,
        ending: { timeoutMs: 100 },
      });
      await until("it flees", () => project.has("fleeing"));
      driven.running.stop(false);
      await driven.fact("runGone");
      const lock = spawnSync("perl", ["-e", 'open L, ">>lock"; exit(flock(L, 6) ? 0 : 1)'], { cwd: project.directory });
      expect(lock.status).toBe(0);
    }
  });

  test.runIf(hasSetsid)("sessions that are in the middle of an exec, where nothing tells whose they are", async () => {
    // They end by themselves when their script is gone. The more variables there are, the longer an exec takes.
    using project = newProject({
      again: "exec sh ./again",
      start: `export A=$(head -c 100000 /dev/zero | tr '\\0' a)
        export B=$A C=$A D=$A E=$A
        for i in 1 2 3 4 5 6 7 8 9 10 11 12; do setsid sh ./again & done
        sleep 1000`,
    });
    for (let time = 0; time < 12; time += 1) {
      await using driven = drive(["sh", "./start"], { cwd: project.directory, ending: { timeoutMs: 100 } });
      await driven.grown(10);
      driven.running.stop(false);
      await driven.fact("runGone");
      for (let look = 0; look < 3; look += 1) expect(driven.alive()).toEqual([]);
    }
  });

  describe.runIf(needs("python3"))("of a program whose first thread has ended before another:", () => {
    // To the kernel it is a zombie with a living thread; it holds its lock until that one ends.
    const program = `
import ctypes, fcntl, os, signal, threading, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
lock = open("lock", "w")
fcntl.flock(lock, fcntl.LOCK_EX)
def live():
    time.sleep(0.2)
    open("up", "w").close()
    while not os.path.exists("asked"): time.sleep(0.01)
    time.sleep(0.5)
    open("done", "w").close()
    os._exit(0)
threading.Thread(target=live).start()
threading.Thread(target=time.sleep, args=(1000,)).start()
ctypes.CDLL(None).pthread_exit(None)
`;
    const isLockFree = (directory: string): boolean =>
      spawnSync("python3", ["-c", 'import fcntl; fcntl.flock(open("lock", "w"), fcntl.LOCK_EX | fcntl.LOCK_NB)'], {
        cwd: directory,
        stdio: "ignore",
      }).status === 0;

    test("it is waited for as one that is alive", async () => {
      using project = newProject({ "program.py": program });
      await using driven = drive("python3 program.py; true", { cwd: project.directory });
      await until("it is up", () => project.has("up"));
      driven.running.stop(false);
      project.write("asked", "");
      await driven.fact("runGone");
      expect(project.has("done")).toBe(true);
      expect(isLockFree(project.directory)).toBe(true);
      expect(driven.facts.map(({ type }) => type)).not.toContain("swept");
    });

    test.runIf(hasSetsid)("it is found in a session of its own, and named once", async () => {
      using project = newProject({ "program.py": program });
      await using driven = drive("setsid python3 program.py & sleep 1000; true", { cwd: project.directory });
      await until("it is up", () => project.has("up"));
      driven.running.stop(false);
      await driven.fact("runGone");
      expect(isLockFree(project.directory)).toBe(true);
      const { processes } = await driven.fact("swept");
      // On a busy machine the sleep may have the signal and be there yet.
      const ofProgram = processes.filter(({ command }) => command.includes("python"));
      expect(ofProgram, JSON.stringify(processes)).toHaveLength(1);
      expect(project.has("done")).toBe(false);
    });
  });

  test("one whose leader has ended by itself: what lives on is named, and ended at the stop", async () => {
    await using driven = drive("sleep 1000 & sleep 0.3; exit 3");
    const { exit } = await driven.fact("runExited");
    expect(exit).toEqual({ is: "code", code: 3 });
    const { processes } = await driven.fact("left");
    expect(processes.map(({ command }) => command)).toEqual(["sleep 1000"]);
    expect(driven.alive()).toEqual(processes.map(({ pid }) => pid));
    driven.running.stop(false);
    await driven.fact("runGone");
    expect(driven.leftWhenGone).toBe(0);
  });

  test.runIf(hasSetsid)("what had left the group is named", async () => {
    await using driven = drive("setsid sleep 1000 & sleep 1001; true");
    await driven.became("sleep 1000");
    driven.running.stop(false);
    const { processes } = await driven.fact("swept");
    expect(processes.map(({ command }) => command)).toEqual(["sleep 1000"]);
  });

  test.runIf(hasSetsid)("but with sweep = false what has left the group lives on", async () => {
    await using driven = drive("setsid sleep 1000 & sleep 1001; true", { ending: { sweep: false } });
    await driven.became("sleep 1000");
    driven.running.stop(false);
    await driven.fact("runGone");
    expect(driven.leftWhenGone).toBe(1);
  });
});

describe("a stop", () => {
  test("waits for a program that takes its time, and forces nothing", async () => {
    await using driven = drive(["node", "-e", slowToEnd(700)]);
    await driven.fact("runReady");
    await ready(driven.alive);
    driven.running.stop(false);
    await driven.fact("runGone");
    expect(driven.facts.map(({ type }) => type)).toEqual(["jobStarted", "runReady", "runExited", "runGone"]);
    expect(await driven.fact("runExited")).toMatchObject({ exit: { is: "code", code: 7 } });
  });

  test("tells after a second what it waits for, and goes on waiting", async () => {
    await using driven = drive(["node", "-e", slowToEnd(2_000)]);
    await ready(driven.alive);
    driven.running.stop(false);
    const { pid, signal, leftMs } = await driven.fact("stopWaiting");
    expect({ pid, signal }).toEqual({ pid: driven.running.pid, signal: "SIGTERM" });
    expect(leftMs).toBeGreaterThan(5_000);
    await driven.fact("runGone");
    expect(driven.facts.some(({ type }) => type === "forced")).toBe(false);
  });

  test("kills what does not end in time, and tells so", async () => {
    await using driven = drive("trap '' TERM; while :; do sleep 0.05; done", { ending: { timeoutMs: 200 } });
    await driven.grown(2);
    driven.running.stop(false);
    expect(await driven.fact("forced")).toMatchObject({ signal: "SIGTERM", afterMs: 200 });
    expect(await driven.fact("runExited")).toMatchObject({ exit: { is: "signal", signal: "SIGKILL" } });
  });

  test("that is asked for again with force waits no longer", async () => {
    await using driven = drive("trap '' TERM; while :; do sleep 0.05; done", { ending: { timeoutMs: 1_000_000 } });
    await driven.grown(2);
    driven.running.stop(false);
    driven.running.stop(true);
    await driven.fact("runGone");
    expect(driven.alive()).toEqual([]);
  });

  test("is told once to be over, however often it is asked for", async () => {
    await using driven = drive("sleep 1000");
    for (const force of [false, false, true, true]) driven.running.stop(force);
    await driven.fact("runGone");
    driven.running.stop(true);
    // What is asked for later, and is over, is told after whatever the second answer could have been.
    await using later = drive("sleep 1000");
    later.running.stop(true);
    await later.fact("runGone");
    expect(driven.facts.filter(({ type }) => type === "runGone")).toHaveLength(1);
  });

  test("in the very moment of the start leaves nothing", async () => {
    for (let round = 0; round < 20; round += 1) {
      await using driven = drive("sleep 1000 & sleep 1001 & wait");
      driven.running.stop(false);
      await driven.fact("runGone");
      expect(driven.leftWhenGone).toBe(0);
    }
  });

  test.each([["a-cookie-that-nobody-carries"], [undefined]])(
    "never touches a group that got the number of one that is gone (cookie: %s)",
    async (cookie) => {
      const stranger = spawn("sleep", ["1000"], { detached: true, stdio: "ignore" });
      const { endTree } = await import("../../src/adapters/process/tree.ts");
      const fail = (): never => {
        throw new Error("nothing is to be said");
      };
      try {
        await endTree({
          pid: stranger.pid ?? 0,
          cookie,
          signal: "SIGTERM",
          timeoutMs: 1_000,
          leaderEnded: Promise.resolve(),
          hasLeaderEnded: () => true,
          force: new Promise(() => {}),
          onWaiting: fail,
          onForced: fail,
          onSwept: fail,
          onStuck: fail,
        });
        expect(isAlive(stranger.pid ?? 0)).toBe(true);
      } finally {
        stranger.kill("SIGKILL");
      }
    },
  );
});

describe("a command that cannot be started", () => {
  test("and does not exist is told to be missing", async () => {
    await using driven = drive(["no-such-command-here"]);
    expect(await driven.fact("runExited")).toMatchObject({ exit: { is: "unstartable", missing: true } });
    driven.running.stop(false);
    await driven.fact("runGone");
  });

  test("because its directory is missing is not told to be missing itself", async () => {
    await using driven = drive(["true"], { cwd: "/no/such/directory" });
    const { exit } = await driven.fact("runExited");
    expect(exit).toMatchObject({ is: "unstartable", missing: false });
    expect(JSON.stringify(exit)).toContain("/no/such/directory");
  });

  test("because its environment is too long is told, not thrown", async () => {
    await using driven = drive(["true"], { env: { ...process.env, LONG: "x".repeat(3_000_000) } });
    expect(await driven.fact("runExited")).toMatchObject({ exit: { is: "unstartable", missing: false } });
  });
});

describe("output that is read", () => {
  test("is told before the end of the program that wrote it, to the last byte, also to a slow reader", async () => {
    let bytes = 0;
    let atExit = -1;
    await using driven = drive("head -c 1000000 /dev/zero; exit 1", {
      onOutput: (_, chunk) => {
        bytes += chunk.length;
        return new Promise((resolve) => setTimeout(resolve, 100));
      },
    });
    await until("the exit", () => {
      atExit = bytes;
      return driven.facts.some(({ type }) => type === "runExited");
    });
    expect(atExit).toBe(1_000_000);
  });

  test("does not delay the news of an end when a grandchild holds the pipe", async () => {
    await using driven = drive("sleep 1000 & exit 0", { onOutput: () => undefined });
    await driven.fact("runExited");
    expect(driven.alive()).toHaveLength(1);
  });

  test("waits in the program while nobody takes it", async () => {
    let release = (): void => {};
    const blocked = new Promise<void>((resolve) => {
      release = resolve;
    });
    let bytes = 0;
    await using driven = drive("head -c 50000000 /dev/zero", {
      onOutput: (_, chunk) => {
        bytes += chunk.length;
        return blocked;
      },
    });
    await until("some output", () => bytes > 0);
    if (process.platform === "linux") {
      await until(
        "it sleeps in its write",
        () => driven.alive().every(sleeps),
        () => `${bytes} bytes`,
      );
    }
    expect(bytes).toBeLessThan(1_000_000);
    expect(driven.alive()).not.toEqual([]);
    release();
    await driven.fact("runExited");
    expect(bytes).toBe(50_000_000);
  });
});

/** The state of the process in the kernel's words, behind the name in parentheses: proc(5), stat. */
const sleeps = (pid: number): boolean => / S [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));

const slowToEnd = (ms: number): string =>
  `process.on("SIGTERM", () => setTimeout(() => process.exit(7), ${ms})); setInterval(() => {}, 1000); process.title = "trapping"`;

/** Its handler is in place: it has given itself a name after that. */
async function ready(alive: () => number[]): Promise<void> {
  await until("the trap", () =>
    alive().some((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith("trapping")),
  );
}
