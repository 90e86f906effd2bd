/** Row 6: the end of a process tree, by shape: how long until the last of it is gone, and what survives. */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import treeKill from "tree-kill";
import { endTree } from "../../src/adapters/process/tree.ts";
import { end, environment, isAlive, signal, sleep, start } from "./processes.ts";
import { makeTree, scratch } from "./project.ts";
import type { Leak, Stop } from "./results.ts";
import { nowMs, Stamps } from "./stamps.ts";
import { inTurn, summary } from "./statistics.ts";
import type { Tool } from "./tools.ts";

/** Name → how many processes of it stay. */
export const shapes: ReadonlyMap<string, number> = new Map([
  ["family", 3],
  ["session", 3],
  ["orphan", 2],
  ["daemon", 2],
  ["wrapper", 1],
  ["cleared", 2],
  ["deaf", 2],
]);

interface Tree {
  readonly pid: number;
  readonly cookie: string;
  readonly leaderEnded: Promise<void>;
  readonly hasLeaderEnded: () => boolean;
}

/** Ends a tree; resolves when it believes that it has. */
interface Method {
  readonly name: string;
  /** It tells when everything is gone: that moment counts then, not the one that we saw. */
  readonly knows: boolean;
  end(tree: Tree): Promise<void>;
}

const methods: readonly Method[] = [
  { name: "group kill alone", knows: false, end: async ({ pid }) => signal(-pid, "SIGTERM") },
  {
    name: "tree-kill",
    knows: false,
    end: ({ pid }) => new Promise((resolve) => treeKill(pid, "SIGTERM", () => resolve())),
  },
  {
    name: "reload",
    knows: true,
    end: (started) =>
      endTree({
        ...started,
        signal: "SIGTERM",
        timeoutMs: 200,
        force: new Promise(() => {}),
        onWaiting: () => {},
        onForced: () => {},
        onSwept: () => {},
        onStuck: () => {},
      }),
  },
];

export interface Stops {
  readonly rounds: number;
  readonly tree: string;
  readonly only?: readonly string[];
  say(line: string): void;
}

export async function measureStops({ rounds, tree, only, say }: Stops): Promise<readonly Stop[]> {
  const stamps = new Stamps(join(scratch, "stops.fifo"));
  const rows: Stop[] = [];
  for (const [shape, count] of shapes) {
    const lanes = methods
      .filter(({ name }) => only === undefined || only.includes(name))
      .map((method) => ({ method, times: [] as number[], leaks: 0 }));
    for (let turn = 0; turn < rounds; turn += 1)
      for (const lane of inTurn(lanes, turn)) {
        const took = await stopOnce(lane.method, shape, count, tree, stamps, `${turn}`);
        if (took === undefined) lane.leaks += 1;
        else lane.times.push(took);
      }
    for (const { method, times, leaks } of lanes)
      rows.push({ shape, method: method.name, time: summary(times), leaks, rounds });
    say(
      `stops: ${shape}: ${lanes.map(({ method, times, leaks }) => `${method.name} ${summary(times)?.median ?? "–"} ms, ${leaks} leaks`).join("; ")}`,
    );
  }
  stamps.close();
  return rows;
}

async function stopOnce(
  method: Method,
  shape: string,
  count: number,
  tree: string,
  stamps: Stamps,
  turn: string,
): Promise<number | undefined> {
  const cookie = `bench-${process.pid}-${method.name.replaceAll(" ", "-")}-${shape}-${turn}.`;
  const bornMs = nowMs();
  const child = spawn(tree, [stamps.path, shape], {
    detached: true,
    stdio: ["ignore", "ignore", "ignore", "pipe"],
    env: environment({ RELOAD_SESSION: cookie }),
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`could not start ${tree}`);
  const leaderEnded = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
  });
  // Every process of the tree holds the other end: it closes with the last of them.
  const line = child.stdio[3] as Readable;
  const allGone = new Promise<number>((resolve) => {
    line.once("close", () => resolve(nowMs())).on("error", () => {});
    line.resume();
  });
  const members = await stamps.wait(bornMs, 10_000, count);
  if (shape === "wrapper") await leaderEnded;
  await sleep(5);
  const atMs = nowMs();
  const hasLeaderEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  await method.end({ pid, cookie, leaderEnded, hasLeaderEnded });
  const saidMs = nowMs();
  const goneMs = await Promise.race([allGone, sleep(600).then(() => undefined)]);
  const left = members.filter((stamp) => isAlive(stamp.pid));
  for (const each of left) signal(each.pid, "SIGKILL");
  line.destroy();
  stamps.forget();
  // A process that has let go of the line may not be a zombie yet: the line is what counts.
  if (goneMs === undefined) return undefined;
  return Math.max(goneMs, method.knows ? saidMs : 0) - atMs;
}

export interface Leaks {
  readonly rounds: number;
  readonly tree: string;
  readonly tools: readonly Tool[];
  say(line: string): void;
}

/** The same trees under whole tools: what is alive of the old run once the new one has started, and of any once the tool was ended by SIGTERM. */
export async function measureLeaks({ rounds, tree, tools, say }: Leaks): Promise<readonly Leak[]> {
  const rows: Leak[] = [];
  for (const [index, tool] of tools.entries()) {
    if ("missing" in tool.program) continue;
    for (const [shape, count] of shapes) {
      let afterRestart = 0;
      let afterEnd = 0;
      for (let turn = 0; turn < rounds; turn += 1) {
        const project = makeTree(`leaks-${index}-${shape}-${turn}`, 10, ".go");
        const saved = project.files[0] ?? "";
        const stamps = new Stamps(join(scratch, `leaks-${index}-${shape}-${turn}.fifo`));
        const started = start(
          tool.launch(
            { dir: project.dir, run: [tree, stamps.path, shape], ext: ".go", files: () => project.files },
            tool.program.path,
          ),
        );
        const old = await stamps.wait(0, 10_000, count);
        await sleep(600);
        const atMs = nowMs();
        writeFileSync(saved, `package main // ${atMs}\n`);
        await stamps.wait(atMs, 8_000, count);
        await sleep(100);
        afterRestart += old.filter(({ pid }) => isAlive(pid)).length;
        signal(started.pid, "SIGTERM");
        await Promise.race([started.ended, sleep(8_000)]);
        await sleep(300);
        const left = stamps.since(0).filter(({ pid }) => isAlive(pid));
        afterEnd += left.length;
        for (const { pid } of left) signal(pid, "SIGKILL");
        await end(started);
        stamps.close();
      }
      rows.push({ tool: tool.name, shape, afterRestart: afterRestart / rounds, afterEnd: afterEnd / rounds, rounds });
    }
    say(
      `leaks: ${tool.name}: ${rows
        .filter((row) => row.tool === tool.name)
        .map((row) => `${row.shape} ${row.afterRestart}/${row.afterEnd}`)
        .join(", ")}`,
    );
  }
  return rows;
}
