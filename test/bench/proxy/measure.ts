/** Requests over restarts: how many fail, are lost or are carried out twice, how long they take, and what a proxy costs while nothing happens. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { sleep } from "../processes.ts";
import type { ProxyResults, ProxyRow, RestRow } from "../results.ts";
import { median, quantile, round } from "../statistics.ts";
import { type Asked, begin } from "./load.ts";
import { missing, type Peer, proxies, versionOfPeer } from "./peers.ts";
import { measureAtRest } from "./rest.ts";
import { answered, clients, type Running, run } from "./running.ts";

export interface ProxyOrder {
  /** Of `reload`; the others are restarted a twentieth as often. */
  readonly restarts: number;
  /** For each restart, at least. */
  readonly requests: number;
  readonly tools?: readonly string[] | undefined;
  say(line: string): void;
  /** Hears after each what there is. */
  keep(results: ProxyResults): void;
}

const deadlineMs = 30_000;

export async function measureProxies({ restarts, requests, tools, say, keep }: ProxyOrder): Promise<ProxyResults> {
  const rows: ProxyRow[] = [];
  const rest: RestRow[] = [];
  const present: Peer[] = [];
  const results = (): ProxyResults => ({
    made: new Date().toISOString().slice(0, 10),
    load: round(loadavg()[0] ?? 0),
    rows,
    rest,
  });
  // `--tools` is a list with commas: `reload` stands for all of ours.
  for (const peer of proxies.filter(({ tool }) => tools === undefined || tools.includes(tool.split(",")[0] ?? tool))) {
    const why = missing(peer);
    if (why !== undefined) {
      say(`proxy: ${peer.tool} is left out: ${why}`);
      continue;
    }
    present.push(peer);
    const count = peer.tool.startsWith("reload") ? restarts : Math.max(2, Math.round(restarts / 20));
    await using running = await run(peer);
    if (!running.isUp) {
      say(`proxy: ${peer.tool} is left out: it did not answer (${running.printed()})`);
      continue;
    }
    const row = await overRestarts(peer, running, count, { requests, say });
    rows.push(row);
    keep(results());
    say(
      `proxy: ${row.tool}: ${row.failed} of ${row.requests} failed, ${row.twice} twice, ${row.restarts} restarts of ${row.restartMs} ms, p99 meanwhile ${row.p99Ms} ms`,
    );
  }
  rest.push(...(await measureAtRest(present)));
  return results();
}

async function overRestarts(
  peer: Peer,
  { dir, ports }: Running,
  restarts: number,
  { requests, say }: Pick<ProxyOrder, "requests" | "say">,
): Promise<ProxyRow> {
  const load = begin({ port: ports.front, clients, postEvery: 5, isFresh: peer.isFresh === true, pauseMs: 2 });
  const windows: { readonly fromMs: number; readonly toMs: number }[] = [];
  let missed = 0;
  for (let version = 1; version <= restarts; version += 1) {
    const fromMs = performance.now();
    if (peer.hasBadVersions === true && version % 5 === 0) {
      writeFileSync(join(dir, "version.go"), `// ${version} bad`);
      await sleep(400);
    }
    const savedMs = performance.now();
    writeFileSync(join(dir, "version.go"), `// ${version} good`);
    const atMs = await answered(ports.front, `${version}`, deadlineMs);
    missed += atMs === undefined ? 1 : 0;
    windows.push({ fromMs: Math.max(fromMs, savedMs), toMs: atMs ?? performance.now() });
    // Whoever does not see two saves does not see the next ones either.
    if (missed === 2) break;
    while (load.asked.length < version * requests && performance.now() - fromMs < deadlineMs) await sleep(10);
  }
  const asked = await load.stop();
  const meanwhile = asked.filter(({ beganMs, tookMs }) =>
    windows.some(({ fromMs, toMs }) => beganMs < toMs && beganMs + tookMs > fromMs),
  );
  /** Of several restarts the longest. */
  const beyond = ({ beganMs, tookMs }: Asked): number =>
    tookMs -
    Math.max(
      ...windows
        .filter(({ fromMs, toMs }) => beganMs < toMs && beganMs + tookMs > fromMs)
        .map(({ fromMs, toMs }) => toMs - fromMs),
    );
  const failed = asked.filter(({ status }) => status !== 200);
  for (const { method, status, body, error } of failed.slice(0, 3))
    say(`proxy: ${peer.tool}: a ${method} failed with ${status} ${error ?? body.slice(0, 200)}`);
  const posted = existsSync(join(dir, "posts.txt"))
    ? readFileSync(join(dir, "posts.txt"), "utf8").trim().split("\n")
    : [];
  const known = new Set(posted);
  const isPost = ({ method }: Asked): boolean => method === "POST";
  return {
    tool: peer.tool,
    how: peer.how,
    version: versionOfPeer(peer),
    restarts: windows.length,
    requests: asked.length,
    failed: failed.length,
    failedPosts: failed.filter(isPost).length,
    refused: failed.filter(({ error }) => error?.includes("ECONNREFUSED") === true).length,
    /** Answered with 200, and never carried out. */
    lost: asked.filter((one) => isPost(one) && one.status === 200 && !known.has(one.url)).length,
    twice: posted.length - known.size,
    restartMs: round(median(windows.map(({ fromMs, toMs }) => toMs - fromMs))),
    mostMs: round(Math.max(...windows.map(({ fromMs, toMs }) => toMs - fromMs))),
    p99Ms: round(
      quantile(
        meanwhile.map(({ tookMs }) => tookMs),
        0.99,
      ),
    ),
    beyondMs: round(quantile(meanwhile.map(beyond), 0.99)),
    missed,
  };
}
