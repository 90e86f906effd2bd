/** What was promised, and how far the figures are from it. */
import type { ProxyResults, ProxyRow, Restarts, Results, WarmRow } from "./results.ts";
import { round } from "./statistics.ts";
import { figure } from "./tables.ts";

export interface Goal {
  readonly row: string;
  readonly what: string;
  readonly goal: string;
  readonly measured: string;
  /** Undefined where nothing was measured. */
  readonly met: boolean | undefined;
}

const ours = (rows: readonly Restarts[], setting: string): Restarts | undefined =>
  rows.find((row) => row.tool === "reload" && row.setting === setting);
const ms = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value) ? "–" : `${round(value)} ms`;

/** The fastest peer that lost nothing, of those at this setting (either, if none is given). */
function bestPeer(rows: readonly Restarts[], setting?: string): Restarts | undefined {
  return rows
    .filter(
      (row) => row.tool !== "reload" && row.setting !== "bare" && (setting === undefined || row.setting === setting),
    )
    .filter((row) => row.time !== undefined && row.missed === 0)
    .sort((a, b) => (a.time?.median ?? 0) - (b.time?.median ?? 0))[0];
}

function ratioGoal(
  row: string,
  what: string,
  most: number,
  our: number | undefined,
  their: number | undefined,
  names: readonly [string, string],
): Goal {
  const ratio = our !== undefined && their !== undefined ? our / their : undefined;
  return {
    row,
    what,
    goal: `≤ ${most} ×`,
    measured:
      ratio === undefined
        ? "not measured"
        : `**${ratio.toFixed(ratio > 0.95 && ratio < 1.05 ? 3 : 2)} ×** (${names[0]} ${ms(our)}, ${names[1]} ${ms(their)})`,
    met: ratio === undefined ? undefined : ratio <= most,
  };
}

function mostGoal(row: string, what: string, most: number, unit: string, value: number | undefined): Goal {
  return {
    row,
    what,
    goal: `≤ ${most} ${unit}`,
    measured: value === undefined ? "not measured" : `**${round(value)} ${unit}**`,
    met: value === undefined ? undefined : value <= most,
  };
}

export function goalsOf(results: Results): readonly Goal[] {
  const goals: Goal[] = [];
  const { saves, gin, cold, burst, rest, stops, scale, live, proxy } = results;
  if (saves !== undefined) {
    const peer = bestPeer(saves.any, "defaults");
    const our = ours(saves.any, "defaults");
    const fast = ours(saves.any, "best");
    const bare = saves.any.find((row) => row.tool === "fs.watch + spawn");
    const air = saves.any.find((row) => row.tool === "air" && row.setting === "best");
    goals.push(
      ratioGoal(
        "1",
        "save → child, defaults, over the best peer at its defaults",
        0.7,
        our?.time?.median,
        peer?.time?.median,
        ["reload", peer?.tool ?? ""],
      ),
      ratioGoal("1", '`debounce = "0ms"` over bare `fs.watch` and spawn', 2, fast?.time?.median, bare?.time?.median, [
        "reload",
        "bare",
      ]),
      ratioGoal("1", '`debounce = "0ms"` over air at its minimum delay', 1.3, fast?.time?.median, air?.time?.median, [
        "reload",
        "air",
      ]),
      mostGoal(
        "1",
        "missed and extra restarts, defaults",
        0,
        "of all",
        our?.time === undefined ? undefined : our.missed + our.extra,
      ),
    );
  }
  if (gin !== undefined) {
    const bare = (gin.build?.median ?? Number.NaN) + (gin.start?.median ?? Number.NaN);
    const our = ours(gin.tools, "defaults");
    const air = gin.tools
      .filter((row) => row.tool === "air")
      .sort((a, b) => (a.time?.median ?? 1e9) - (b.time?.median ?? 1e9))[0];
    const over = our?.time === undefined ? undefined : our.time.median - bare;
    goals.push(
      {
        row: "2",
        what: "save → listening, Gin with `go build`, over bare build plus bare start",
        goal: "≤ 15 ms more",
        measured:
          over === undefined
            ? "not measured"
            : `**${over >= 0 ? "+" : ""}${round(over)} ms** (reload ${ms(our?.time?.median)}, bare ${ms(bare)})`,
        met: over === undefined ? undefined : over <= 15,
      },
      ratioGoal("2", "the same, over air at its best setting", 1, our?.time?.median, air?.time?.median, [
        "reload",
        "air",
      ]),
    );
  }
  if (cold !== undefined) {
    const of = (start: string): number | undefined =>
      cold.ours.find(({ what }) => what.startsWith(start))?.time?.median;
    const empty = of("an empty Node start (CommonJS");
    goals.push(
      ratioGoal("3", "`reload -- CHILD` → child, over an empty Node start", 1.4, of("`reload -- CHILD`"), empty, [
        "reload",
        "empty",
      ]),
      ratioGoal("3", "`--help`", 1.3, of("`reload --help`"), empty, ["reload", "empty"]),
      ratioGoal("3", "`--once` of a program that exits at once", 2, of("`reload --once"), empty, ["reload", "empty"]),
    );
  }
  if (burst !== undefined) {
    const our = burst.tools.find((row) => row.tool === "reload" && row.setting === "defaults");
    goals.push(
      mostGoal("4", "burst of 5,000 files: last write → child", 120, "ms", our?.time?.median),
      mostGoal(
        "4",
        "restarts beyond one for a burst",
        0,
        "of all",
        our?.time === undefined ? undefined : our.extra + our.missed,
      ),
      mostGoal(
        "4",
        `event loop blocked at most, in any round (median of the rounds: ${ms(our?.blockedMs?.median)})`,
        20,
        "ms",
        our?.blockedMs?.most,
      ),
    );
  }
  if (rest !== undefined) {
    const our = rest.tools.find((row) => row.tool === "reload" && row.setting === "defaults");
    const idle = rest.tools.find((row) => row.tool === "an idle Node process");
    const most = Math.max(60, (idle?.rssMb ?? 0) * 1.3);
    goals.push(
      mostGoal(
        "5",
        `memory at rest, 1,000 files (RSS; an idle Node process: ${idle?.rssMb ?? "–"} MB)`,
        round(most),
        "MB",
        our?.rssMb,
      ),
      mostGoal(
        "5",
        "idle CPU, to one decimal",
        0,
        "%",
        our === undefined ? undefined : Math.round(our.idleCpu * 10) / 10,
      ),
    );
  }
  if (stops !== undefined) {
    const rows = stops.rows.filter((row) => row.method === "reload");
    const family = rows.find((row) => row.shape === "family");
    goals.push(
      mostGoal("6", "a willing tree (3 processes) is gone", 5, "ms", family?.time?.median),
      mostGoal(
        "6",
        "survivors, every shape but a daemon that cleared its environment",
        0,
        "of all",
        rows.filter(({ shape }) => shape !== "cleared").reduce((sum, row) => sum + row.leaks, 0),
      ),
    );
  }
  for (const [files, ready, memory] of [
    [10_000, 120, 80],
    [50_000, 400, 120],
  ] as const) {
    const our = scale?.find((row) => row.tool === "reload" && row.files === files);
    if (our === undefined) continue;
    const size = files.toLocaleString("en");
    goals.push(
      mostGoal(
        "6",
        `${size} files: ready (the watcher alone; from the start of the program ${our.readyMs === undefined ? "–" : round(our.readyMs)} ms)`,
        ready,
        "ms",
        our.ownMs,
      ),
      mostGoal("6", `${size} files: memory (RSS)`, memory, "MB", our.rssMb),
      mostGoal("6", `${size} files: watches (directories + 20)`, our.directories + 20, "", our.watches),
    );
  }
  const follower = live?.followers.find(({ tool }) => tool === "reload-dev/config");
  if (follower !== undefined)
    goals.push(
      mostGoal("7", "live configuration: save → callback, 99 of 100", 50, "ms", follower.p99),
      mostGoal(
        "7",
        "callbacks beyond one for a save, and for one that cannot be read",
        0,
        "of all",
        follower.callsPerSave - 1 + follower.callsPerBroken,
      ),
    );
  if (proxy !== undefined) goals.push(...proxyGoals(proxy));
  for (const app of new Set((results.warm ?? []).map((row) => row.app))) goals.push(warmGoal(app, results.warm ?? []));
  return goals;
}

function warmGoal(app: string, rows: readonly WarmRow[]): Goal {
  const own = rows.filter((row) => row.app === app && row.time !== undefined);
  const [peer] = own
    .filter((row) => !row.tool.startsWith("reload"))
    .sort((a, b) => (a.time?.median ?? 0) - (b.time?.median ?? 0));
  const our = own.find((row) => row.tool === "reload --warm")?.time?.median;
  const names = ["reload", peer?.tool ?? ""] as const;
  return ratioGoal("9", `${app}, warm: save → serving`, 0.15, our, peer?.time?.median, names);
}

function proxyGoals({ rows, rest }: ProxyResults): readonly Goal[] {
  const of = (tool: string): ProxyRow | undefined => rows.find((row) => row.tool === tool);
  const [hold, first, sockets, inOrder] = [
    "reload, hold",
    "reload, start-first",
    "reload, sockets",
    "reload, sockets in order",
  ].map(of);
  const [with_, without] = ["reload, hold", "no proxy"].map((tool) => rest.find((row) => row.tool === tool)?.medianMs);
  const outOf = (row: ProxyRow | undefined): string =>
    `of ${figure(row?.requests)} over ${figure(row?.restarts)} restarts`;
  return [
    mostGoal("8", "`[proxy]`: requests that fail", 0, outOf(hold), hold?.failed),
    mostGoal("8", "start-first with bad versions: requests that fail", 0, outOf(first), first?.failed),
    mostGoal("8", "`[sockets]`: connections refused", 0, outOf(sockets), sockets?.refused),
    mostGoal("8", "the same, a program that ends in order: requests that fail", 0, outOf(inOrder), inOrder?.failed),
    mostGoal("8", "carried out twice, or lost", 0, "of all", twiceOrLost([hold, first, sockets, inOrder])),
    mostGoal("8", "99 of 100 requests: beyond the restart that they meet", 50, "ms", hold?.beyondMs),
    mostGoal(
      "8",
      "added while nothing is restarted",
      1,
      "ms",
      with_ === undefined || without === undefined ? undefined : with_ - without,
    ),
  ];
}

const twiceOrLost = (rows: readonly (ProxyRow | undefined)[]): number =>
  rows.reduce((sum, row) => sum + (row?.twice ?? 0) + (row?.lost ?? 0), 0);
