/** What a proxy costs while nothing is restarted: all of them are up, and asked in turn, so that the other work of the machine is shared by all. */
import { sleep } from "../processes.ts";
import type { RestRow } from "../results.ts";
import { inTurn, median, quantile, round } from "../statistics.ts";
import { type Asked, begin } from "./load.ts";
import type { Peer } from "./peers.ts";
import { clients, type Running, run } from "./running.ts";

const rounds = 12;
const takeMs = 500;

interface Taken {
  readonly peer: Peer;
  readonly running: Running;
  readonly tookMs: number[];
  readonly perSecond: number[];
}

export async function measureAtRest(peers: readonly Peer[]): Promise<readonly RestRow[]> {
  const all: Taken[] = [];
  for (const peer of peers.filter(({ isFresh }) => isFresh !== true))
    all.push({ peer, running: await run(peer), tookMs: [], perSecond: [] });
  const up = all.filter(({ running }) => running.isUp);
  for (let turn = 0; turn < rounds; turn += 1)
    for (const { running, tookMs, perSecond } of inTurn(up, turn)) {
      const { front } = running.ports;
      tookMs.push(...(await ask(front, 1)).map((one) => one.tookMs));
      perSecond.push(((await ask(front, clients)).length * 1_000) / takeMs);
    }
  for (const { running } of all) await running[Symbol.asyncDispose]();
  return up.map(({ peer, tookMs, perSecond }) => ({
    tool: peer.tool,
    medianMs: round(median(tookMs)),
    p99Ms: round(quantile(tookMs, 0.99)),
    perSecond: round(median(perSecond)),
  }));
}

async function ask(port: number, count: number): Promise<readonly Asked[]> {
  const load = begin({ port, clients: count, postEvery: 0, isFresh: false, pauseMs: 0 });
  await sleep(takeMs);
  return load.stop();
}
