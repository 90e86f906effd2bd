/** Row 4: a branch is checked out: 5,000 files are written one after the other. One restart should follow, after the last one. */
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { end, environment, type Started, signal, sleep, start } from "./processes.ts";
import { makeTree, scratch } from "./project.ts";
import type { Burst } from "./results.ts";
import { nowMs, Stamps } from "./stamps.ts";
import { round as digits, median, summary } from "./statistics.ts";
import { label, type Tool } from "./tools.ts";

export interface Bursts {
  readonly rounds: number;
  readonly probe: string;
  readonly tools: readonly Tool[];
  readonly files?: number;
  say(line: string): void;
}

/** Rewrites every file of a list with a new mark; says on the monotonic clock when the first and the last write were. */
const writer = `
const fs = require("node:fs");
const [list, mark] = process.argv.slice(2);
const files = fs.readFileSync(list, "utf8").split("\\n");
const begin = process.hrtime.bigint();
for (const file of files) fs.writeFileSync(file, "// " + mark + " " + file + "\\n" + "y".repeat(200) + "\\n");
console.log(begin + " " + process.hrtime.bigint());
`;

/** Loaded into a Node tool: how long its event loop was blocked at most, told in a file when SIGUSR2 asks. */
const monitor = (file: string, program: string): string => `
if (process.argv[1] && require("node:fs").realpathSync(process.argv[1]) === ${JSON.stringify(program)}) {
  const delay = require("node:perf_hooks").monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  process.on("SIGUSR2", () => {
    require("node:fs").writeFileSync(${JSON.stringify(file)}, String(delay.max / 1e6));
    delay.reset();
  });
}
`;

export async function measureBurst({
  rounds,
  probe,
  tools,
  files = 5_000,
  say,
}: Bursts): Promise<{ files: number; writeMs: number; tools: Burst[] }> {
  const tree = makeTree("burst", files, ".go");
  const list = join(scratch, "burst.list");
  const script = join(scratch, "burst-writer.cjs");
  writeFileSync(list, tree.files.join("\n"));
  writeFileSync(script, writer);
  const writeTimes: number[] = [];
  const rows = new Map<Tool, { times: number[]; blocked: number[]; missed: number; extra: number; absent?: string }>();

  // One tool at a time: all of them would hear the same 5,000 writes. Three turns, so that none has the best time of day.
  for (let turn = 0; turn < Math.min(3, rounds); turn += 1) {
    for (const tool of turn % 2 === 0 ? tools : [...tools].reverse()) {
      // Of the peers at their fastest this row would say only that they restart for every second file.
      if (tool.setting === "bare" || (tool.setting === "best" && tool.name !== "reload")) continue;
      const row = rows.get(tool) ?? { times: [], blocked: [], missed: 0, extra: 0 };
      rows.set(tool, row);
      if ("missing" in tool.program) {
        row.absent = tool.program.missing;
        continue;
      }
      const stamps = new Stamps(join(scratch, `burst-${turn}-${tools.indexOf(tool)}.fifo`));
      const report = join(scratch, "blocked");
      const isNode = tool.name === "reload" || tool.name === "nodemon";
      const watched = join(scratch, "monitor.cjs");
      if (isNode) writeFileSync(watched, monitor(report, real(tool.program.path)));
      const launch = tool.launch(
        { dir: tree.dir, run: [probe, stamps.path], ext: ".go", files: () => tree.files },
        tool.program.path,
      );
      const started = start({ ...launch, env: isNode ? { NODE_OPTIONS: `--require=${watched}` } : {} });
      const [first] = await stamps.wait(0, 10_000);
      if (first === undefined) row.absent = `did not start its child: ${started.printed().trim().split("\n").at(-1)}`;
      else {
        await sleep(2_000);
        const share = Math.ceil(rounds / Math.min(3, rounds));
        for (let round = 0; round < share && row.times.length + row.missed < rounds; round += 1) {
          if (isNode) await asked(started, report);
          stamps.forget();
          const { stdout } = spawnSync(process.execPath, [script, list, `${turn}-${round}-${nowMs()}`], {
            encoding: "utf8",
            env: environment(),
          });
          const [begin = 0, last = 0] = stdout
            .trim()
            .split(" ")
            .map((ns) => Number(ns) / 1e6);
          writeTimes.push(last - begin);
          await settled(stamps, last);
          const restarts = stamps.since(begin);
          const final = restarts.at(-1);
          if (final === undefined || final.atMs < last) row.missed += 1;
          else row.times.push(final.atMs - last);
          row.extra += Math.max(0, restarts.length - 1);
          if (isNode) row.blocked.push(await asked(started, report));
        }
      }
      await end(started);
      stamps.close();
      say(
        `burst: ${label(tool)}: ${digits(median(row.times))} ms, ${row.extra} extra${isNode ? `, blocked ${digits(Math.max(...row.blocked))} ms` : ""}`,
      );
    }
  }
  return {
    files,
    writeMs: digits(median(writeTimes)),
    tools: [...rows].map(([tool, row]) => ({
      tool: tool.name,
      setting: tool.setting,
      how: tool.how,
      time: summary(row.times),
      missed: row.missed,
      extra: row.extra,
      blockedMs: summary(row.blocked.filter((ms) => !Number.isNaN(ms))),
      ...(row.absent === undefined ? {} : { absent: row.absent }),
    })),
  };
}

/** Until nothing has restarted for 1.5 s, and at least that long after the last write. */
async function settled(stamps: Stamps, lastMs: number): Promise<void> {
  const quietMs = 1_500;
  const giveUp = nowMs() + 6_000;
  for (;;) {
    const since = Math.max(lastMs, stamps.since(0).at(-1)?.atMs ?? 0);
    const left = since + quietMs - nowMs();
    if (left <= 0 || nowMs() > giveUp) return;
    await sleep(left);
  }
}

/** The longest block since it was last asked, in ms. */
async function asked(started: Started, report: string): Promise<number> {
  rmSync(report, { force: true });
  signal(started.pid, "SIGUSR2");
  for (let waitedMs = 0; waitedMs < 3_000; waitedMs += 20) {
    await sleep(20);
    try {
      const text = readFileSync(report, "utf8");
      if (text !== "") return Number(text);
    } catch {
      // Not yet.
    }
  }
  return Number.NaN;
}

function real(path: string): string {
  return spawnSync("readlink", ["-f", path], { encoding: "utf8" }).stdout.trim();
}
