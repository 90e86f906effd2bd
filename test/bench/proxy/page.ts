/** Requests over restarts, as tables. */

import type { ProxyResults } from "../results.ts";
import { round } from "../statistics.ts";
import { figure, table } from "../tables.ts";

const name = (tool: string): string => (tool.startsWith("reload") ? `**reload**${tool.slice(6)}` : tool);
const times = (count: number): string => (count === 0 ? "0" : `**${figure(count)}**`);

export function proxySection({ rows, rest, made, load }: ProxyResults): readonly string[] {
  const direct = rest.find(({ tool }) => tool === "no proxy");
  return [
    "Sixteen clients ask one thing after the other, every fifth a POST with a number of its own, while the program behind the proxy is restarted again and again by a save; it is a Node server that ends at once when it is told to. " +
      "*Failed*: any answer but 200, or none. *Twice*: a POST that was carried out more than once; *lost*: one that was answered with 200 and never carried out. " +
      `*Restart*: from the save to the first answer of the new version. *p99*: of the requests that were under way during a restart; *beyond*: the same, of how much longer each took than the restart that it met. Measured ${made}, with a load of ${load} on the machine.`,
    table(
      [
        "who",
        "set to",
        "restarts",
        "requests",
        "failed",
        "of them POST",
        "refused",
        "lost",
        "twice",
        "restart ms",
        "most",
        "p99 ms",
        "beyond, ms",
      ],
      rows.map((row) => [
        name(row.tool),
        row.how + (row.missed > 0 ? ` (${row.missed} of ${row.restarts} versions never answered)` : ""),
        figure(row.restarts),
        figure(row.requests),
        times(row.failed),
        figure(row.failedPosts),
        times(row.refused),
        times(row.lost),
        times(row.twice),
        figure(row.restartMs),
        figure(row.mostMs),
        figure(row.p99Ms),
        figure(row.beyondMs),
      ]),
    ),
    "`[sockets]` keeps the port open, not what the program has accepted: one that ends at once drops that, and one that closes in order does not. A POST that air's proxy repeats is one whose run it had ended.",
    "While nothing is restarted, all of them up and asked in turn: one client on one connection, and sixteen. The clients are a Node program on the same machine, and have their share of it; *bare* is the least that Node can do.",
    table(
      ["who", "median ms", "p99 ms", "added, ms", "requests a second", "of those without a proxy"],
      rest.map((row) => [
        name(row.tool),
        figure(row.medianMs),
        figure(row.p99Ms),
        direct === undefined || row === direct ? "–" : figure(round(row.medianMs - direct.medianMs)),
        figure(row.perSecond),
        direct === undefined ? "–" : figure(round(row.perSecond / direct.perSecond)),
      ]),
    ),
  ];
}
