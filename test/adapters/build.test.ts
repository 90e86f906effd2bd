import { describe, expect, test } from "vitest";
import { launchByExeca } from "../../src/adapters/process/launch.ts";
import { startWork, type WorkFact, type Working, type WorkOrder } from "../../src/session/work.ts";
import { needs } from "../rig/needs.ts";
import { newProject } from "../rig/project.ts";
import { commandLine, processesWith } from "../rig/reload.ts";
import { until } from "../rig/until.ts";
import { newSession } from "./process-rig.ts";

const hasSetsid = needs("setsid");

interface Built extends AsyncDisposable {
  readonly building: Working;
  readonly facts: readonly WorkFact[];
  readonly cookie: string;
  ended(): Promise<Extract<WorkFact, { type: "jobEnded" }>>;
  alive(): number[];
}

function build(command: WorkOrder["command"], more: Partial<WorkOrder> = {}): Built {
  const cookie = `${newSession()}-build1.`;
  const facts: WorkFact[] = [];
  const building = startWork(
    {
      job: { service: "", kind: "build", number: 1 },
      launch: launchByExeca,
      args: [],
      stdin: "empty",
      command,
      cwd: process.cwd(),
      env: { ...process.env, RELOAD_SESSION: cookie },
      cookie,
      timeoutMs: undefined,
      onOutput: () => undefined,
      ending: () => ({ signal: "SIGTERM", timeoutMs: 300, sweep: true }),
      ...more,
    },
    (fact) => facts.push(fact),
  );
  const ended: Built["ended"] = () =>
    until("the end of the build", () =>
      facts.find((fact): fact is Extract<WorkFact, { type: "jobEnded" }> => fact.type === "jobEnded"),
    );
  const alive = (): number[] => processesWith(cookie);
  return {
    building,
    facts,
    cookie,
    ended,
    alive,
    async [Symbol.asyncDispose]() {
      building.cancel(true);
      await ended();
      for (const pid of alive()) process.kill(pid, "SIGKILL");
    },
  };
}

const daemon = hasSetsid ? "setsid sleep 1000 &" : "sleep 1000 &";

describe("a build", () => {
  test("that succeeds leaves alive what it started on purpose", async () => {
    await using built = build(`${daemon} exit 0`);
    expect((await built.ended()).result).toEqual({ is: "ok" });
    expect(built.alive()).toHaveLength(1);
  });

  test("that fails leaves nothing alive, and all that it printed is told before", async () => {
    let text = "";
    await using built = build(`${daemon} sleep 1001 & echo "the very reason" >&2; exit 4`, {
      onOutput: (_, chunk) => {
        text += chunk.toString();
        return undefined;
      },
    });
    expect((await built.ended()).result).toEqual({ is: "failed", exit: { is: "code", code: 4 } });
    expect(text).toBe("the very reason\n");
    expect(built.alive()).toEqual([]);
  });

  test("that is cancelled leaves nothing alive", async () => {
    await using built = build(`${daemon} (trap '' TERM; sleep 1001; true) & sleep 1002; true`);
    await until("its processes", () => built.alive().length >= 5);
    built.building.cancel(false);
    expect((await built.ended()).result).toEqual({ is: "cancelled" });
    expect(built.alive()).toEqual([]);
  });

  test("that takes too long leaves nothing alive", async () => {
    await using built = build(`${daemon} sleep 1002; true`, { timeoutMs: 300 });
    expect((await built.ended()).result).toEqual({ is: "timedOut", afterMs: 300 });
    expect(built.alive()).toEqual([]);
  });

  test("that opted out of the sweep keeps its server when it is cancelled", async () => {
    if (!hasSetsid) return;
    const mark = `OPT_OUT_${newSession()}`;
    await using built = build("setsid sleep 1000 & sleep 1001; true", {
      env: { ...process.env, RELOAD_SESSION: "", [mark]: "1" },
    });
    await until("the server, in a session of its own", () =>
      processesWith(mark).some((pid) => commandLine(pid) === "sleep 1000"),
    );
    built.building.cancel(false);
    await built.ended();
    const left = processesWith(mark);
    for (const pid of left) process.kill(pid, "SIGKILL");
    expect(left).toHaveLength(1);
  });

  test("that is cancelled in the moment of its order is never started", async () => {
    using project = newProject();
    await using built = build("echo started > out", { cwd: project.directory });
    built.building.cancel(false);
    expect((await built.ended()).result).toEqual({ is: "cancelled" });
    expect(project.has("out")).toBe(false);
  });

  test("that cannot be started tells why", async () => {
    await using missing = build(["no-such-command-here"]);
    expect((await missing.ended()).result).toMatchObject({ is: "failed", exit: { is: "unstartable", missing: true } });
    await using nowhere = build(["true"], { cwd: "/no/such/directory" });
    expect((await nowhere.ended()).result).toMatchObject({
      is: "failed",
      exit: { is: "unstartable", missing: false },
    });
  });
});
