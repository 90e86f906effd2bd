/** Requests over restarts: how many fail, are lost or are carried out twice, how long they take, and what a proxy costs while nothing happens. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { loadavg } from "node:os";
import { join } from "node:path";
import { end, type Started, sleep, start } from "../processes.ts";
import { scratch } from "../project.ts";
import type { ProxyResults, ProxyRow, RestRow } from "../results.ts";
import { median, quantile, round } from "../statistics.ts";
import { type Asked, begin, type LoadPlan } from "./load.ts";
import { missing, type Peer, type Ports, proxies, versionOfPeer } from "./peers.ts";

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

const clients = 16;
const deadlineMs = 30_000;
const restMs = 4_000;

export async function measureProxies({ restarts, requests, tools, say, keep }: ProxyOrder): Promise<ProxyResults> {
  const rows: ProxyRow[] = [];
  const rest: RestRow[] = [];
  const results = (): ProxyResults => ({
    made: new Date().toISOString().slice(0, 10),
    load: round(loadavg()[0] ?? 0),
    rows,
    rest,
  });
  for (const peer of proxies.filter(({ tool }) => tools === undefined || tools.includes(tool))) {
    const why = missing(peer);
    if (why !== undefined) {
      say(`proxy: ${peer.tool} is left out: ${why}`);
      continue;
    }
    const count = peer.tool.startsWith("reload") ? restarts : Math.max(2, Math.round(restarts / 20));
    await using running = await run(peer);
    if (!running.isUp) {
      say(`proxy: ${peer.tool} is left out: it did not answer (${running.printed()})`);
      continue;
    }
    if (peer.isFresh !== true) rest.push(await atRest(peer, running.ports.front));
    const row = await overRestarts(peer, running, count, { requests, say });
    rows.push(row);
    keep(results());
    say(
      `proxy: ${row.tool}: ${row.failed} of ${row.requests} failed, ${row.twice} twice, ${row.restarts} restarts of ${row.restartMs} ms, p99 meanwhile ${row.p99Ms} ms`,
    );
  }
  return results();
}

interface Running extends AsyncDisposable {
  readonly dir: string;
  readonly ports: Ports;
  readonly isUp: boolean;
  printed(): string;
}

async function run(peer: Peer): Promise<Running> {
  const dir = join(scratch, `proxy-${peer.tool.replaceAll(/\W+/g, "-")}`);
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, "version.go"), "// 0 good");
  writeFileSync(join(dir, "posts.txt"), "");
  const ports = { front: await freePort(), app: await freePort() };
  const started: Started[] = peer.launches(dir, ports).map((launch) => start(launch));
  return {
    dir,
    ports,
    isUp: (await answered(ports.front, "0", deadlineMs)) !== undefined,
    printed: () => started.map((its) => its.printed()).join("\n"),
    async [Symbol.asyncDispose]() {
      for (const its of started.reverse()) await end(its);
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject()));
    });
  });
}

/** When this version answered, on our clock. */
async function answered(port: number, version: string, withinMs: number): Promise<number | undefined> {
  const endMs = performance.now() + withinMs;
  while (performance.now() < endMs) {
    const load = begin({ port, clients: 1, postEvery: 0, isFresh: true, pauseMs: 0 });
    while (load.asked.length === 0 && performance.now() < endMs) await sleep(1);
    const [one] = await load.stop();
    if (one?.status === 200 && one.body.split(" ")[0] === version) return performance.now();
    await sleep(5);
  }
  return undefined;
}

async function atRest(peer: Peer, port: number): Promise<RestRow> {
  const ask = async (plan: Pick<LoadPlan, "clients">): Promise<readonly Asked[]> => {
    const load = begin({ port, postEvery: 0, isFresh: false, pauseMs: 0, ...plan });
    await sleep(restMs);
    // The first ones warm everybody up.
    return (await load.stop()).slice(200);
  };
  const single = await ask({ clients: 1 });
  const many = await ask({ clients });
  const first = many[0]?.beganMs ?? 0;
  const last = many.at(-1)?.beganMs ?? 0;
  const figures = single.map(({ tookMs }) => tookMs);
  return {
    tool: peer.tool,
    medianMs: round(median(figures)),
    p99Ms: round(quantile(figures, 0.99)),
    perSecond: round((many.length * 1_000) / Math.max(1, last - first)),
  };
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
