import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Server, Socket } from "node:net";
import { createServer as createTcpServer } from "node:net";
import { describe, expect, test } from "vitest";
import { listeningProbe } from "../../src/adapters/ready/listening.ts";
import { askUntilReady, type ReadyCheck, type RunAsked } from "../../src/adapters/ready/ready.ts";
import type { RunFact } from "../../src/session/run.ts";
import { certificate } from "../rig/certificate.ts";
import { until } from "../rig/until.ts";
import { drive } from "./process-rig.ts";

interface Answering extends AsyncDisposable {
  readonly port: number;
}

async function listening(server: Server, host: string, port = 0): Promise<Answering> {
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => open.add(socket));
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen({ port, host }, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const web = (answer: RequestListener, host = "127.0.0.1", port = 0): Promise<Answering> =>
  listening(createServer(answer), host, port);

async function freePort(): Promise<number> {
  await using answering = await listening(createTcpServer(), "::1");
  return answering.port;
}

const nobody: RunAsked = {
  pid: undefined,
  streams: { stdout: null, stderr: null },
  cwd: process.cwd(),
  env: process.env,
  isForeign: () => false,
};

/** Asks until it has been refused with this, or was answered. */
async function asked(
  check: ReadyCheck,
  expected: RegExp | "ready",
  isForeign: (address: string) => boolean = () => false,
): Promise<string> {
  const over = new AbortController();
  const { answered, refusal } = askUntilReady(check, { ...nobody, isForeign }, over.signal);
  let isReady = false;
  void answered.then(() => {
    isReady = !over.signal.aborted;
  });
  await until(String(expected), () => (expected === "ready" ? isReady : isReady || expected.test(refusal())), refusal);
  if (expected !== "ready") expect(isReady, `ready, in place of ${expected}`).toBe(false);
  over.abort();
  await answered;
  return refusal();
}

const isLate = (fact: RunFact): fact is Extract<RunFact, { type: "runLate" }> => fact.type === "runLate";

describe("a check that is not met says what it saw last", () => {
  test("by tcp: that nobody listens", async () => {
    const port = await freePort();
    await asked({ by: "tcp", host: undefined, port }, /^port \d+: connection refused$/);
    await asked({ by: "tcp", host: "127.0.0.1", port }, /^127\.0\.0\.1:\d+: connection refused$/);
  });

  test("by http: the status, that nobody listens, that it is not HTTP, not TLS", async () => {
    const port = await freePort();
    await asked({ by: "http", url: `http://localhost:${port}/health` }, /\/health: connection refused$/);
    await using plain = await web((_, response) => response.writeHead(404).end());
    await asked({ by: "http", url: `http://localhost:${plain.port}/health` }, /: 404$/);
    await asked({ by: "http", url: `https://localhost:${plain.port}/health` }, /: the answer is not TLS$/);
    await using other = await listening(
      createTcpServer((socket) => void socket.on("error", () => {}).end("220 mail.example.com\r\n")),
      "127.0.0.1",
    );
    await asked({ by: "http", url: `http://127.0.0.1:${other.port}/` }, /: the answer is not HTTP$/);
    await using hasty = await listening(
      createTcpServer((socket) => socket.destroy()),
      "127.0.0.1",
    );
    await asked({ by: "http", url: `http://127.0.0.1:${hasty.port}/` }, /: connection reset$/);
  });

  test("by http: that it takes the connection and does not answer, though it refused it before", async () => {
    const port = await freePort();
    const over = new AbortController();
    const url = `http://127.0.0.1:${port}/`;
    const { answered, refusal } = askUntilReady({ by: "http", url }, nobody, over.signal);
    await until("refused", () => /: connection refused$/.test(refusal()), refusal);
    await using _silent = await listening(createTcpServer(), "127.0.0.1", port);
    await until("taken", () => /: it takes the connection, and does not answer$/.test(refusal()), refusal);
    over.abort();
    await answered;
  });

  test.runIf(process.platform === "linux")("by tcp and http: where it listens in place of that", async () => {
    const [port, other] = [await freePort(), await freePort()];
    const program = `require("net").createServer().listen(${other}, "127.0.0.1")`;
    const child = spawn(process.execPath, ["-e", program], { stdio: "ignore", detached: true });
    try {
      for (const check of [
        { by: "tcp", host: undefined, port },
        { by: "http", url: `http://localhost:${port}/` },
      ] as const) {
        const over = new AbortController();
        const { answered, refusal } = askUntilReady(check, { ...nobody, pid: child.pid }, over.signal);
        await until("named", () => refusal().endsWith(`: connection refused; it listens on ${other}`), refusal);
        over.abort();
        await answered;
      }
    } finally {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  });

  test("by exec: the code, and the last line that it printed", async () => {
    await asked(
      { by: "exec", command: "echo asked; echo 'no such table' >&2; exit 4" },
      /^exec: code 4: no such table$/,
    );
    await asked({ by: "exec", command: "printf '\\033[31mno\\033[0m\\n'; exit 4" }, /^exec: code 4: no$/);
    await asked({ by: "exec", command: "kill -9 $$" }, /^exec: SIGKILL$/);
    await asked({ by: "exec", command: ["no-such-command-here"] }, /^exec: no-such-command-here: no such command$/);
    // What it left behind holds its output, and delays nothing.
    await asked({ by: "exec", command: "sleep 5 & echo gone; exit 1" }, /^exec: code 1: gone$/);
  });

  test.each<[string, ReadyCheck, string, RegExp]>([
    ["by log: the pattern", { by: "log", pattern: /Listening/ }, "sleep 1000", /^log: no line matched \/Listening\/$/],
    [
      "by an exec that hangs: that it has not ended",
      { by: "exec", command: "sleep 1001" },
      "sleep 1000",
      /^exec: not ended$/,
    ],
    ["by exec: in the fact", { by: "exec", command: "echo no; exit 4" }, "sleep 1000", /^exec: code 4: no$/],
  ])("%s", async (_, ready, command, expected) => {
    await using driven = drive(command, { ready, readyTimeoutMs: 300, onOutput: () => undefined });
    await driven.fact("runLate");
    expect(driven.facts.find(isLate)?.why).toMatch(expected);
  });

  test("also when the program ended with 0, and not when it was ready before", async () => {
    await using driven = drive("true", { ready: { by: "exec", command: "exit 4" } });
    expect(await driven.fact("runExited")).toMatchObject({
      exit: { code: 0 },
      unready: expect.stringMatching(/^exec: /),
    });
    await using ready = drive("sleep 0.3", { ready: { by: "exec", command: "true" } });
    expect((await ready.fact("runExited")).unready).toBeUndefined();
  });
});

describe("readiness", () => {
  test.each(["127.0.0.1", "::1"])("by tcp and by http comes when it listens, at %s alone as well", async (host) => {
    await using answering = await web((_, response) => response.end("ok"), host);
    await asked({ by: "tcp", host: undefined, port: answering.port }, "ready");
    await asked({ by: "tcp", host: "localhost", port: answering.port }, "ready");
    await asked({ by: "http", url: `http://localhost:${answering.port}/` }, "ready");
    await asked({ by: "http", url: `http://app.localhost:${answering.port}/` }, "ready");
    await asked({ by: "http", url: `http://${host.includes(":") ? `[${host}]` : host}:${answering.port}/` }, "ready");
  });

  test("does not come from somebody else's answer", async () => {
    const isForeign = (address: string): boolean => address === "::1";
    await using answering = await web((_, response) => response.end("ok"), "::1");
    await asked({ by: "tcp", host: undefined, port: answering.port }, /connection refused/, isForeign);
    await asked({ by: "http", url: `http://localhost:${answering.port}/` }, /connection refused/, isForeign);
    await using own = await web((_, response) => response.end("ok"), "127.0.0.1", answering.port);
    await asked({ by: "http", url: `http://localhost:${own.port}/` }, "ready", isForeign);
  });

  test("by http knows its host by name, whatever the address", async () => {
    await using answering = await web((request, response) =>
      response.writeHead(request.headers.host === `app.localhost:${answering.port}` ? 204 : 421).end(),
    );
    await asked({ by: "http", url: `http://app.localhost:${answering.port}/` }, "ready");
    await asked({ by: "http", url: `http://localhost:${answering.port}/` }, /: 421$/);
  });

  test.each(["127.0.0.1", "::1"])(
    "by https takes a certificate that was made at home, on this machine (%s)",
    async (host) => {
      const server = createSecureServer(certificate(), (_, response) => void response.end("ok"));
      await using answering = await listening(server, host);
      await asked({ by: "http", url: `https://localhost:${answering.port}/` }, "ready");
    },
  );

  test("by log comes with the line, whichever stream it is on, cut wherever it is", async () => {
    await using driven = drive("printf 'Listen' >&2; sleep 0.1; printf 'ing on 80' >&2; sleep 1000", {
      ready: { by: "log", pattern: /Listening on \d+/ },
      onOutput: () => undefined,
    });
    await driven.fact("runReady");
  });

  test.each([
    [
      "in colours",
      "\\033[32m➜\\033[39m  \\033[1mLocal\\033[22m:   \\033[36mready\\033[39m\\n",
      /^➜ {2}Local: {3}ready$/,
    ],
    ["cut within a sequence", "Listening \\033[3", /^Listening on 80$/],
    ["as a link", "\\033]8;;http://x/\\033\\\\Listening\\033]8;;\\033\\\\ on 80\\n", /^Listening on 80$/],
    ["drawn again in place", "building 10%%\\rbuilding 99%%\\r\\033[2KListening\\n", /^Listening$/],
    ["with the line ends of Windows", "Listening\\r\\n", /^Listening$/],
  ])("by log reads what a reader sees: %s", async (_, text, pattern) => {
    const rest = text.endsWith("[3") ? "sleep 0.1; printf '6mon\\033[39m 80\\n';" : "";
    await using driven = drive(`printf '${text}'; ${rest} sleep 1000`, {
      ready: { by: "log", pattern },
      onOutput: () => undefined,
    });
    await driven.fact("runReady");
  });

  test("by exec comes when the command succeeds; one that hangs goes with the run", async () => {
    await using driven = drive("sleep 1000", { ready: { by: "exec", command: "sleep 1001; true" } });
    await driven.grown(3);
    driven.running.stop(false);
    await driven.fact("runGone");
    expect(driven.alive()).toEqual([]);
  });

  test("that comes too late is told to be late, and then to have come", async () => {
    await using driven = drive("sleep 0.5; echo here; sleep 1000", {
      ready: { by: "log", pattern: /here/ },
      readyTimeoutMs: 50,
      onOutput: () => undefined,
    });
    await driven.fact("runReady");
    expect(driven.facts.map(({ type }) => type)).toEqual(["jobStarted", "runLate", "runReady"]);
  });
});

test.runIf(process.platform === "linux")(
  "another port than the one that was given counts after its time, and at once where there is no time left",
  async () => {
    const preferred = await freePort();
    const child = spawn(
      process.execPath,
      [
        "-e",
        'require("node:net").createServer().listen(0, "127.0.0.1", function () { console.log(this.address().port) })',
      ],
      { stdio: ["ignore", "pipe", "inherit"], detached: true },
    );
    try {
      const [line] = await once(child.stdout, "data");
      const found: number[] = [];
      const earlier = undefined;
      const isFree = true;
      const ask = (patienceMs: number, patientForMs: number): Promise<string | undefined> =>
        listeningProbe(child.pid, {
          preferred,
          isFree,
          earlier,
          patienceMs,
          patientForMs,
          found: ({ port }) => found.push(port),
        }).ask(new AbortController().signal);
      expect(await ask(60_000, 60_000)).toBe(`it listens on ${Number(line)}, not on PORT ${preferred}`);
      expect(await ask(60_000, 0)).toBeUndefined();
      expect(await ask(0, 60_000)).toBeUndefined();
      expect(found).toEqual([Number(line), Number(line)]);
    } finally {
      child.kill("SIGKILL");
    }
  },
);
