/** For CI: the harness for a minute, and only what can be counted. A slow machine is no failure, a lost save is one. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { measureBurst } from "./burst.ts";
import { end, sleep, start } from "./processes.ts";
import { compiled, makeTree, scratch } from "./project.ts";
import { measureSaves } from "./saves.ts";
import { nowMs, Stamps } from "./stamps.ts";
import { measureLeaks, measureStops } from "./stops.ts";
import { label, type Tool, tools } from "./tools.ts";

/** The exit code: 0 when missed = extra = survivors = 0. */
export async function brief(say: (line: string) => void): Promise<number> {
  const probe = compiled("probe");
  const tree = compiled("tree");
  if (probe === undefined || tree === undefined) {
    say("bench: left out, there is no C compiler (cc)");
    return process.env["RELOAD_TEST_REQUIRE_ALL"] === "1" ? 1 : 0;
  }
  const ours = tools.filter(({ name }) => name === "reload");
  const [first] = ours;
  if (first === undefined || "missing" in first.program) {
    say("bench: dist/cli.js is missing: npm run build");
    return 1;
  }
  const failures: string[] = [];
  const count = (what: string, value: number): void => {
    say(`${value === 0 ? "ok  " : "FAIL"} ${what}: ${value}`);
    if (value !== 0) failures.push(what);
  };

  for (const row of await measureSaves({
    tools: ours,
    rounds: 8,
    child: { is: "probe", path: probe },
    settleMs: 150,
    say,
  })) {
    const name = `saves, ${row.setting}`;
    count(`${name}: ${row.absent ?? "missed"}`, row.absent === undefined ? row.missed : 1);
    // Without a quiet time the moment between truncating and writing may be seen as a change of its own.
    if (row.setting === "defaults") count(`${name}: extra`, row.extra);
  }
  const builds = await countBuilds(first, probe, 5);
  count("builds beyond one for each save", builds.extra);
  count("saves that no build followed", builds.missed);
  for (const row of (await measureBurst({ tools: [first], rounds: 2, files: 1_000, probe, say })).tools) {
    count(`burst of 1,000 files: missed`, row.missed);
    count(`burst of 1,000 files: restarts beyond one`, row.extra);
  }
  for (const row of await measureStops({ rounds: 3, tree, only: ["reload"], say }))
    if (row.shape !== "cleared") count(`survivors, ${row.shape}`, row.leaks);
  for (const row of await measureLeaks({ rounds: 1, tree, tools: [first], say }))
    if (row.shape !== "cleared") {
      count(`survivors of a restart, ${row.shape}`, row.afterRestart);
      count(`survivors of ${label(first)}, ${row.shape}`, row.afterEnd);
    }
  say(
    failures.length === 0
      ? "bench: nothing missed, nothing twice, nothing left behind"
      : `bench: ${failures.length} counts are not 0`,
  );
  return failures.length === 0 ? 0 : 1;
}

/** The build is a probe too: how often it ran for each save. */
async function countBuilds(tool: Tool, probe: string, rounds: number): Promise<{ extra: number; missed: number }> {
  if ("missing" in tool.program) return { extra: 0, missed: rounds };
  const project = makeTree("builds", 10, ".go");
  const stamps = new Stamps(join(scratch, "builds.fifo"));
  const job = {
    dir: project.dir,
    run: [probe, stamps.path] as const,
    build: `${probe} ${stamps.path} build exit`,
    ext: ".go",
    files: () => project.files,
  };
  const started = start(tool.launch(job, tool.program.path));
  await stamps.wait(0, 15_000, 1, "run");
  await sleep(1_000);
  let extra = 0;
  let missed = 0;
  for (let round = 0; round < rounds; round += 1) {
    const atMs = nowMs();
    writeFileSync(project.files[0] ?? "", `package main // ${round}\n`);
    await stamps.wait(atMs, 15_000, 1, "run");
    await sleep(400);
    const times = stamps.since(atMs, "build").length;
    extra += Math.max(0, times - 1);
    missed += times === 0 ? 1 : 0;
  }
  await end(started);
  stamps.close();
  return { extra, missed };
}
