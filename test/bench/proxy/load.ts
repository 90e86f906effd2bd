/** Clients that ask all the time, each one thing after the other on a connection of its own, and write down what became of each. */
import { connect, type Socket } from "node:net";

export interface Asked {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly beganMs: number;
  readonly tookMs: number;
  /** 0: no answer at all. */
  readonly status: number;
  readonly body: string;
  /** Why there was none. */
  readonly error?: string;
}

export interface LoadPlan {
  readonly port: number;
  readonly clients: number;
  /** Every so many requests is a POST with a number of its own; 0: none. */
  readonly postEvery: number;
  /** A connection for each request, as whoever wants to see one refused needs it. */
  readonly isFresh: boolean;
  /** Between two requests of one client, in milliseconds. */
  readonly pauseMs: number;
}

export interface Load {
  readonly asked: readonly Asked[];
  stop(): Promise<readonly Asked[]>;
}

const patienceMs = 60_000;
let numbers = 0;

export function begin(plan: LoadPlan): Load {
  const asked: Asked[] = [];
  let isOver = false;
  const client = async (): Promise<void> => {
    let line: Line | undefined;
    for (let turn = 0; !isOver; turn += 1) {
      numbers += 1;
      const method = plan.postEvery > 0 && turn % plan.postEvery === plan.postEvery - 1 ? "POST" : "GET";
      const url = `/${method.toLowerCase()}/${numbers}`;
      if (plan.isFresh) {
        line?.socket.destroy();
        line = undefined;
      }
      const beganMs = performance.now();
      const answer = await (async () => {
        try {
          line = line === undefined || line.isClosed ? await open(plan.port) : line;
          return await line.ask(method, url);
        } catch (error) {
          line = undefined;
          return { status: 0, body: "", error: error instanceof Error ? error.message : String(error) };
        }
      })();
      asked.push({ method, url, beganMs, tookMs: performance.now() - beganMs, ...answer });
      if (answer.status === 0) await pause(5);
      if (plan.pauseMs > 0) await pause(plan.pauseMs);
    }
    line?.socket.destroy();
  };
  const all = Promise.all(Array.from({ length: plan.clients }, client));
  return {
    asked,
    async stop() {
      isOver = true;
      await all;
      return asked;
    },
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

interface Line {
  readonly socket: Socket;
  readonly isClosed: boolean;
  ask(method: string, url: string): Promise<{ readonly status: number; readonly body: string }>;
}

/** Just as much HTTP as it takes: an answer with a length or with chunks. */
function open(port: number): Promise<Line> {
  return new Promise((resolve, reject) => {
    let text = "";
    let isClosed = false;
    let waiting: { done(answer: { status: number; body: string }): void; failed(error: Error): void } | undefined;
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    const fail = (error: Error): void => {
      isClosed = true;
      reject(error);
      waiting?.failed(error);
      waiting = undefined;
    };
    socket.setTimeout(patienceMs, () => socket.destroy(new Error("no answer within a minute")));
    socket.on("error", fail);
    socket.on("close", () => fail(new Error("closed without an answer")));
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      const whole = answerIn(text);
      if (whole === undefined) return;
      text = text.slice(whole.length);
      if (whole.isLast) isClosed = true;
      waiting?.done({ status: whole.status, body: whole.body });
      waiting = undefined;
    });
    socket.once("connect", () =>
      resolve({
        socket,
        get isClosed() {
          return isClosed;
        },
        ask: (method, url) =>
          new Promise((done, failed) => {
            waiting = { done, failed };
            const body = method === "POST" ? "Content-Length: 1\r\n\r\nx" : "\r\n";
            socket.write(`${method} ${url} HTTP/1.1\r\nHost: localhost:${port}\r\n${body}`);
          }),
      }),
    );
  });
}

function answerIn(text: string): { status: number; body: string; length: number; isLast: boolean } | undefined {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const head = text.slice(0, headEnd);
  const status = Number(head.slice(9, 12));
  const isLast = /^connection:\s*close/im.test(head);
  const from = headEnd + 4;
  const length = /^content-length:\s*(\d+)/im.exec(head)?.[1];
  if (length !== undefined) {
    const end = from + Number(length);
    return text.length < end ? undefined : { status, body: text.slice(from, end), length: end, isLast };
  }
  const last = text.indexOf("0\r\n\r\n", from);
  if (last < 0) return undefined;
  const body = text.slice(from, last).replace(/^[0-9a-f]+\r\n|\r\n$/g, "");
  return { status, body, length: last + 5, isLast };
}
