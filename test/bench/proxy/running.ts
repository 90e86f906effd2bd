/** A tool that stands in front of an application, and answers. */
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { end, type Started, sleep, start } from "../processes.ts";
import { scratch } from "../project.ts";
import { begin } from "./load.ts";
import type { Peer, Ports } from "./peers.ts";

export const clients = 16;
const deadlineMs = 30_000;

export interface Running extends AsyncDisposable {
  readonly dir: string;
  readonly ports: Ports;
  readonly isUp: boolean;
  printed(): string;
}

export async function run(peer: Peer): Promise<Running> {
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
    printed: () => started.map((started) => started.printed()).join("\n"),
    async [Symbol.asyncDispose]() {
      for (const each of started.reverse()) await end(each);
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
export async function answered(port: number, version: string, withinMs: number): Promise<number | undefined> {
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
