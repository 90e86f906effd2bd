/** Row 2: from a save to a listening Gin server, with `go build` in between, beside the bare build and the bare start. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { end, environment, type Started, sleep, start } from "./processes.ts";
import { scratch } from "./project.ts";
import type { Restarts, Results } from "./results.ts";
import { nowMs, Stamps } from "./stamps.ts";
import { inTurn, summary } from "./statistics.ts";
import { label, type Tool } from "./tools.ts";

const build = "go build -o ./tmp/main .";
const firstPort = 24_800;
const deadlineMs = 20_000;

/** The example's server, which says when its port is open. */
const listening = `package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"syscall"
	"unsafe"
)

func listenAndServe(server *http.Server) error {
	listener, err := net.Listen("tcp", server.Addr)
	if err != nil {
		return err
	}
	var now syscall.Timespec
	syscall.Syscall(syscall.SYS_CLOCK_GETTIME, 1, uintptr(unsafe.Pointer(&now)), 0)
	if fifo, err := os.OpenFile(os.Getenv("BENCH_FIFO"), os.O_WRONLY, 0); err == nil {
		fmt.Fprintf(fifo, "%d %d run\\n", now.Nano(), os.Getpid())
		fifo.Close()
	}
	return server.Serve(listener)
}
`;

interface Lane {
  readonly name: string;
  readonly tool: Tool;
  readonly stamps: Stamps;
  readonly started: Started;
  readonly dir: string;
  readonly times: number[];
  missed: number;
  extra: number;
  savedMs: number;
}

function makeApp(name: string): string {
  const dir = join(scratch, name);
  cpSync("examples/go-gin", dir, {
    recursive: true,
    filter: (path) => !path.endsWith("/tmp") && !path.endsWith(".toml"),
  });
  mkdirSync(join(dir, "tmp"));
  const main = join(dir, "main.go");
  const text = readFileSync(main, "utf8");
  if (!text.includes("server.ListenAndServe()"))
    throw new Error("examples/go-gin/main.go has no server.ListenAndServe() any more: the bench replaces it");
  writeFileSync(main, text.replace("server.ListenAndServe()", "listenAndServe(server)"));
  writeFileSync(join(dir, "listening.go"), listening);
  return dir;
}

function save(dir: string, mark: string): void {
  writeFileSync(join(dir, "greeting.go"), `package main\n\nvar greeting = "Hello ${mark}"\n`);
}

export interface Gins {
  readonly rounds: number;
  readonly tools: readonly Tool[];
  say(line: string): void;
}

/** Undefined without Go. */
export async function measureGin({ rounds, tools, say }: Gins): Promise<Results["gin"]> {
  const bareDir = makeApp("gin-bare");
  const first = spawnSync("sh", ["-c", build], { cwd: bareDir, env: environment(), encoding: "utf8" });
  if (first.status !== 0) {
    say(`gin: left out, the bare build does not work here: ${first.stderr?.trim().split("\n").at(-1) ?? "no go"}`);
    return undefined;
  }
  const bareStamps = new Stamps(join(scratch, "gin-bare.fifo"));
  const builds: number[] = [];
  const starts: number[] = [];
  const absent: Restarts[] = [];
  const lanes: Lane[] = [];
  for (const [index, tool] of tools.entries()) {
    if (tool.setting === "bare") continue;
    const lane = await openLane(tool, index);
    if ("stamps" in lane) lanes.push(lane);
    else absent.push(lane);
  }
  await sleep(1_500);
  for (let round = -1; round < rounds; round += 1) {
    for (const lane of inTurn([undefined, ...lanes], round + 1)) {
      if (lane === undefined) {
        save(bareDir, `bare ${round}`);
        const times = await bare(bareDir, bareStamps);
        if (round >= 0) {
          builds.push(times.buildMs);
          starts.push(times.startMs);
        }
      } else await oneSave(lane, round);
      await sleep(300);
    }
    say(
      `gin: round ${round + 1}: ${lanes.map((lane) => `${lane.name} ${Math.round(lane.times.at(-1) ?? Number.NaN)}`).join(", ")}; bare ${Math.round((builds.at(-1) ?? Number.NaN) + (starts.at(-1) ?? Number.NaN))}`,
    );
  }
  await sleep(1_500);
  const measured: Restarts[] = [];
  for (const lane of lanes) {
    lane.extra += Math.max(0, lane.stamps.since(lane.savedMs).length - 1);
    const { tool, times, missed, extra } = lane;
    measured.push({ tool: tool.name, setting: tool.setting, how: tool.how, time: summary(times), missed, extra });
    await end(lane.started);
    lane.stamps.close();
  }
  bareStamps.close();
  return { build: summary(builds), start: summary(starts), tools: [...measured, ...absent] };
}

async function oneSave(lane: Lane, round: number): Promise<void> {
  if (round > 0) lane.extra += Math.max(0, lane.stamps.since(lane.savedMs).length - 1);
  lane.stamps.forget();
  const atMs = nowMs();
  lane.savedMs = atMs;
  save(lane.dir, `${lane.name} ${round}`);
  const [stamp] = await lane.stamps.wait(atMs, deadlineMs);
  if (round < 0) return;
  if (stamp === undefined) lane.missed += 1;
  else lane.times.push(stamp.atMs - atMs);
}

async function bare(dir: string, stamps: Stamps): Promise<{ buildMs: number; startMs: number }> {
  const beganMs = nowMs();
  // As the tools do it: a shell, and no blocking of this process while it runs.
  const building = start({ command: ["sh", "-c", build], cwd: dir });
  await building.ended;
  const builtMs = nowMs();
  const started = start({
    command: ["./tmp/main"],
    cwd: dir,
    env: { PORT: String(firstPort - 1), BENCH_FIFO: stamps.path },
  });
  const [stamp] = await stamps.wait(builtMs, deadlineMs);
  await end(started);
  return { buildMs: builtMs - beganMs, startMs: (stamp?.atMs ?? Number.NaN) - builtMs };
}

async function openLane(tool: Tool, index: number): Promise<Lane | Restarts> {
  const none = (why: string): Restarts => ({
    tool: tool.name,
    setting: tool.setting,
    how: tool.how,
    time: undefined,
    missed: 0,
    extra: 0,
    absent: why,
  });
  if ("missing" in tool.program) return none(tool.program.missing);
  const dir = makeApp(`gin-${index}`);
  save(dir, "first");
  const stamps = new Stamps(join(scratch, `gin-${index}.fifo`));
  const files = ["main.go", "greeting.go", "listening.go"].map((file) => join(dir, file));
  const launch = tool.launch({ dir, run: ["./tmp/main"], build, ext: ".go", files: () => files }, tool.program.path);
  const started = start({
    ...launch,
    env: { ...launch.env, PORT: String(firstPort + index), BENCH_FIFO: stamps.path },
  });
  const [stamp] = await stamps.wait(0, deadlineMs);
  if (stamp === undefined) {
    const said = started.printed().trim().split("\n").slice(-2).join(" / ");
    await end(started);
    stamps.close();
    return none(`did not start: ${said}`);
  }
  return { name: label(tool), tool, stamps, started, dir, times: [], missed: 0, extra: 0, savedMs: nowMs() };
}
