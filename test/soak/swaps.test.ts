/**
 * Requests over many swaps: of runs that crash after they were ready, of connections that wait or idle, of streams that
 * are open. What has to hold is asserted; how long it took is printed, since it says as much of the machine.
 */
import { existsSync, readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { newProject, type Project } from "../rig/project.ts";
import { type Reload, reload } from "../rig/reload.ts";
import { until } from "../rig/until.ts";
import { chance } from "./chance.ts";

const count = Number(process.env["SOAK_SWAPS"] ?? 200);
const seed = Number(process.env["SOAK_SEED"] ?? Date.now() % 1_000_000);

/** `version kind ms` is in a file: it may begin to listen later, or crash some time after it does. It ends in order, which open connections can keep it from. */
const server = `const { appendFileSync, readFileSync, writeFileSync } = require("node:fs");
const http = require("node:http");
const [version, kind, ms] = readFileSync("version.txt", "utf8").split(" ");
const now = () => performance.timeOrigin + performance.now();
const server = http.createServer((request, response) => {
  if (request.method === "POST") appendFileSync("posts", request.url + "\\n");
  if (request.url === "/events") return response.writeHead(200, { "Content-Type": "text/event-stream" }).write("data: 1\\n\\n");
  response.end(JSON.stringify({ version: Number(version), pid: process.pid }));
});
server.on("upgrade", (_, socket) => {
  socket.on("error", () => {});
  socket.write("HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\n\\r\\n");
});
process.on("SIGTERM", () => { server.close(() => process.exit(0)); server.closeIdleConnections(); });
const begin = () => server.listen(process.env.PORT, "127.0.0.1", () => {
  if (kind === "crashes") setTimeout(() => { writeFileSync("crashed", version + " " + now()); process.exit(4); }, Number(ms));
});
if (kind === "late") setTimeout(begin, Number(ms)); else begin();
`;

interface Answer {
  readonly status: number;
  readonly version: number;
  readonly pid: number;
  readonly text: string;
}

function ask(url: string, agent: Agent | false = false, method = "GET"): Promise<Answer> {
  return new Promise((resolve) => {
    const failed = ({ message }: Error): void => resolve({ status: 0, version: -1, pid: 0, text: message });
    request(url, { agent, method }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("error", failed).on("end", () => {
        const status = response.statusCode ?? 0;
        resolve({ ...(status === 200 ? JSON.parse(text) : { version: -1, pid: 0 }), status, text });
      });
    })
      .on("error", failed)
      .end();
  });
}

const now = (): number => performance.timeOrigin + performance.now();
const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));
const spread = (all: readonly number[]): string => {
  const sorted = [...all].sort((a, b) => a - b);
  const at = (share: number): string => `${Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN)}`;
  return `median ${at(0.5)} ms, 9 of 10 ${at(0.9)}, most ${at(1)}`;
};

interface Own extends AsyncDisposable {
  readonly project: Project;
  readonly program: Reload;
  readonly url: string;
  save(version: number, kind?: string, ms?: number): void;
  /** Resolves with when it answered. */
  answers(version: number): Promise<number>;
}

async function own(proc: string): Promise<Own> {
  const project = newProject({
    "server.cjs": server,
    "version.txt": "0 good",
    ".reload.toml": `[proc]\ncmd = ["node", "server.cjs"]\n${proc}\n[watch]\ninclude_files = ["version.txt"]\n[proxy]\ntarget = "auto"\n`,
  });
  const program = reload([], { cwd: project.directory, env: { PORT: undefined } });
  const [, url = ""] = await program.says(/open (http:\S+)/);
  const found: Own = {
    project,
    program,
    url,
    save: (version, kind = "good", ms = 0) => project.replace("version.txt", `${version} ${kind} ${ms}`),
    async answers(version) {
      await until(`an answer of ${version}`, async () => (await ask(url)).version === version, program.seen);
      return now();
    },
    async [Symbol.asyncDispose]() {
      await program[Symbol.asyncDispose]();
      project[Symbol.dispose]();
    },
  };
  await found.answers(0);
  return found;
}

/** How many of its children are runs of the server. */
function runsOf(pid: number): number {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
    return children.filter((child) => readFileSync(`/proc/${child}/cmdline`, "utf8").includes("server.cjs")).length;
  } catch {
    return 0;
  }
}

describe.runIf(process.platform === "linux")("swaps", () => {
  test(`${count} start-first, of which a quarter crash after ready: no GET fails, a POST for a crash at most`, async () => {
    process.stderr.write(`soak: swaps: SOAK_SEED=${seed} SOAK_SWAPS=${count}\n`);
    const by = chance(seed);
    await using server = await own('swap = "start-first"');
    let isOver = false;
    const failed: Record<string, string[]> = { GET: [], POST: [] };
    const seen: { readonly atMs: number; readonly pid: number; readonly version: number }[] = [];
    let asked = 0;
    const client = async (method: string): Promise<void> => {
      const agent = new Agent({ keepAlive: true });
      while (!isOver) {
        const { status, text, pid, version } = await ask(`${server.url}/${++asked}`, agent, method);
        if (status === 200) seen.push({ atMs: now(), pid, version });
        else failed[method]?.push(`${status} ${text}`);
        await pause(40);
      }
      agent.destroy();
    };
    let most = 0;
    const sampler = setInterval(() => {
      most = Math.max(most, runsOf(server.program.pid));
    }, 5);
    // One that posts, so that one POST at most is under way when a run ends.
    const all = Promise.all([client("POST"), ...Array.from({ length: 6 }, () => client("GET"))]);
    const backAfterMs: number[] = [];
    let crashes = 0;
    let good = 0;
    for (let version = 1; version <= count; version += 1) {
      if (version % 4 !== 0) {
        server.save(version);
        await server.answers(version);
        good = version;
        continue;
      }
      server.save(version, "crashes", by.between(0, 4_000));
      crashes += 1;
      const crashedMs = await until(
        `the crash of ${version}`,
        () => {
          const [which, at] = server.project.read("crashed").split(" ");
          return which === `${version}` && at !== undefined && Number(at);
        },
        server.program.seen,
      );
      await server.answers(good);
      const first = seen.find(({ atMs, version: of }) => atMs > crashedMs && of === good);
      if (first !== undefined) backAfterMs.push(first.atMs - crashedMs);
    }
    isOver = true;
    await all;
    clearInterval(sampler);
    process.stderr.write(
      `soak: swaps: ${count}, ${crashes} crashes, ${asked} requests, ${failed["POST"]?.length} POST failed; the old run answered the next request ${spread(backAfterMs)} after a crash; at most ${most} runs at once\n`,
    );
    expect(failed["GET"]).toEqual([]);
    expect(failed["POST"]?.length).toBeLessThanOrEqual(crashes);
    expect(most).toBeLessThanOrEqual(2);
    const posts = server.project.read("posts").trim().split("\n");
    expect(new Set(posts).size).toBe(posts.length);
  });

  test("500 requests wait for a port that does not exist yet, 1,000 connections that idle reach the next run", async () => {
    const [held, idle] = [Math.min(500, count * 5), Math.min(1_000, count * 10)];
    await using server = await own("");
    const agent = new Agent({ keepAlive: true, maxSockets: idle, maxFreeSockets: idle });
    const first = await Promise.all(Array.from({ length: idle }, () => ask(server.url, agent)));
    expect(first.filter(({ version }) => version !== 0)).toEqual([]);
    expect(Object.values(agent.freeSockets).flat().length).toBe(idle);
    const [before] = first;
    server.save(1, "late", 1_000);
    await until("the end of the old run", () => !existsSync(`/proc/${before?.pid}`), server.program.seen);
    const waited = await Promise.all(Array.from({ length: held }, () => ask(server.url)));
    expect(waited.filter(({ version }) => version !== 1)).toEqual([]);
    const second = await Promise.all(Array.from({ length: idle }, () => ask(server.url, agent)));
    expect(second.filter(({ version }) => version !== 1)).toEqual([]);
    agent.destroy();
    process.stderr.write(`soak: swaps: ${held} of ${held} held, ${idle} of ${idle} connections that idled\n`);
  });

  test("a swap does not wait for open event streams and WebSockets", async () => {
    await using server = await own("");
    const took: Record<string, number[]> = { nothing: [], streams: [] };
    const { hostname, port } = new URL(server.url);
    const head = `Host: ${hostname}\r\n`;
    const kinds = [
      `GET /events HTTP/1.1\r\n${head}\r\n`,
      `GET /ws HTTP/1.1\r\n${head}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    ];
    for (let version = 1; version <= Math.max(4, count / 4); version += 1) {
      const isOpen = version % 2 === 0;
      const sockets = isOpen ? kinds.map(() => connect(Number(port), "127.0.0.1").on("error", () => {})) : [];
      let open = 0;
      for (const [at, socket] of sockets.entries()) {
        socket.once("data", () => {
          open += 1;
        });
        socket.write(kinds[at] ?? "");
      }
      await until("all are open", () => open === sockets.length, server.program.seen);
      const savedMs = now();
      server.save(version);
      const atMs = await server.answers(version);
      took[isOpen ? "streams" : "nothing"]?.push(atMs - savedMs);
      await until("all are closed", () => sockets.every(({ destroyed }) => destroyed), server.program.seen);
    }
    process.stderr.write(
      `soak: swaps: without streams ${spread(took["nothing"] ?? [])}; with an event stream and a WebSocket ${spread(took["streams"] ?? [])}\n`,
    );
    // Who waited for them would be killed after `stop_timeout`, and say so.
    expect(server.program.seen()).not.toMatch(/: killed/);
  });
});
