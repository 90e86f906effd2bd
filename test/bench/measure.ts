/** One run: which rows, in which order, with what around them. */
import { readFileSync } from "node:fs";
import { arch, cpus, totalmem } from "node:os";
import { join } from "node:path";
import { measureBurst } from "./burst.ts";
import { measureCold } from "./cold.ts";
import { measureGin } from "./gin.ts";
import { measureLive } from "./live.ts";
import { end, neighbours } from "./processes.ts";
import { compiled, versionOf } from "./project.ts";
import { measureProxies } from "./proxy/measure.ts";
import { measureRest } from "./rest.ts";
import type { Results } from "./results.ts";
import { measureSaves } from "./saves.ts";
import { measureScale } from "./scale.ts";
import { measureLeaks, measureStops } from "./stops.ts";
import { home, type Tool, tools } from "./tools.ts";
import { measureWarm } from "./warm.ts";

export const rowNames = ["saves", "gin", "cold", "burst", "rest", "stops", "scale", "live", "proxy", "warm"] as const;

export interface Order {
  readonly rows: readonly string[];
  readonly rounds: number;
  /** Names of tools; all of them otherwise. */
  readonly only: readonly string[] | undefined;
  say(line: string): void;
  /** Hears after each row what there is: a run that is broken off keeps what it has measured. */
  keep(results: Results): void;
}

const neighbourCount = 400;

export async function measure({ rows, rounds, only, say, keep }: Order): Promise<Results> {
  const path = compiled("probe");
  const tree = compiled("tree");
  if (path === undefined || tree === undefined) throw new Error("a C compiler (cc) is needed to measure");
  const chosen = tools.filter((tool) => only === undefined || only.includes(tool.name));
  const results: Results = { ...about(rounds, chosen) };
  const wants = (row: (typeof rowNames)[number]): boolean => rows.includes(row);
  const any = chosen.filter((tool) => tool.child === "any");
  const withNode = chosen.filter(
    (tool) => tool.setting === "defaults" && ["reload", "nodemon", "node --watch", "tsx watch"].includes(tool.name),
  );

  if (wants("saves") || wants("stops")) {
    const crowd = await neighbours(neighbourCount);
    if (wants("saves")) {
      const common = { rounds, settleMs: 150, say };
      results.saves = {
        neighbours: neighbourCount,
        any: await measureSaves({ ...common, tools: any, child: { is: "probe", path } }),
        node: await measureSaves({ ...common, tools: withNode, child: { is: "node" } }),
      };
    }
    if (wants("stops"))
      results.stops = {
        neighbours: neighbourCount,
        rows: await measureStops({ rounds, tree, say }),
        leaks: await measureLeaks({
          rounds: rounds < 10 ? 1 : 3,
          tree,
          tools: any.filter((tool) => tool.setting === "defaults"),
          say,
        }),
      };
    await end(crowd);
  }
  keep(results);
  if (wants("cold")) results.cold = await measureCold({ rounds, probe: path, tools: any, say });
  keep(results);
  if (wants("rest"))
    results.rest = await measureRest({ probe: path, tools: chosen, restMs: rounds < 10 ? 3_000 : 20_000, say });
  keep(results);
  if (wants("burst")) results.burst = await measureBurst({ rounds, probe: path, tools: any, say });
  keep(results);
  if (wants("scale"))
    results.scale = await measureScale({
      rounds: rounds < 10 ? 1 : 3,
      probe: path,
      tools: any,
      restMs: rounds < 10 ? 1_000 : 3_000,
      sizes: [1_000, 10_000, 50_000],
      say,
    });
  keep(results);
  if (wants("live")) results.live = await measureLive({ rounds, say });
  keep(results);
  if (wants("proxy"))
    results.proxy = await measureProxies({
      restarts: rounds < 10 ? 10 : 100,
      requests: rounds < 10 ? 200 : 1_000,
      tools: only,
      say,
      keep(proxy) {
        results.proxy = proxy;
        keep(results);
      },
    });
  keep(results);
  if (wants("warm")) results.warm = await measureWarm({ rounds: Math.min(rounds, 10), only, say });
  keep(results);
  if (wants("gin")) {
    const gin = await measureGin({ rounds, tools: any, say });
    if (gin !== undefined) results.gin = gin;
  }
  return results;
}

function about(rounds: number, chosen: readonly Tool[]): Results {
  const versions: Record<string, string> = {};
  for (const tool of chosen) if ("path" in tool.program && tool.setting !== "bare") versions[tool.name] = tool.version;
  let refused: string[] = [];
  try {
    refused = readFileSync(join(home, "refused"), "utf8")
      .trim()
      .split("\n")
      .filter((each) => each !== "");
  } catch {
    // The script has not been run.
  }
  return {
    made: new Date().toISOString().slice(0, 10),
    rounds,
    machine: {
      system: `Linux ${versionOf("uname", "-r")?.replace(/^(\d+\.\d+).*/, "$1") ?? ""} ${arch()}`,
      cores: cpus().length,
      memoryGb: Math.round(totalmem() / 2 ** 30),
      node: process.version,
      go: versionOf("go", "env", "GOVERSION"),
    },
    versions,
    refused,
  };
}
