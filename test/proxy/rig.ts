/** A proxy in front of real servers, and clients that show what was on the wire. */
import { Agent, createServer, type IncomingMessage, type RequestListener, request, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { nobody, type Served } from "../../src/proxy/served.ts";
import { type Front as Opened, openProxy, type ProxyOptions, type ProxyParts } from "../../src/proxy/server.ts";

export interface App extends AsyncDisposable {
  readonly port: number;
  readonly server: Server;
}

export async function app(listener: RequestListener, host = "127.0.0.1"): Promise<App> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return {
    server,
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface Front extends AsyncDisposable {
  readonly proxy: Opened;
  readonly port: number;
  readonly warnings: string[];
  /** The run serves at this port; without one nobody does. */
  serve(port: number | undefined, more?: Partial<Served>): void;
}

let runs = 0;

export async function front(
  options: Partial<ProxyOptions> = {},
  parts: Partial<ProxyParts> = {},
  port = 0,
): Promise<Front> {
  const warnings: string[] = [];
  const all: ProxyOptions = { liveReload: true, holdMs: 20_000, allowedHosts: [], ...options };
  const proxy = await openProxy("127.0.0.1", port, {
    options: () => all,
    fresh: async () => ({ is: "ready" }),
    warn: (text) => void warnings.push(text),
    ...parts,
  });
  let generation = 0;
  return {
    proxy,
    port: proxy.address.port,
    warnings,
    serve(port, more = {}) {
      generation += 1;
      runs += 1;
      const upstream = port === undefined ? undefined : { run: more.upstream?.run ?? runs, host: undefined, port };
      proxy.tell({ ...nobody, generation, ...more, upstream });
    },
    [Symbol.asyncDispose]: () => proxy.close(),
  };
}

export interface Answer {
  readonly status: number;
  readonly message: string;
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
  readonly rawTrailers: readonly string[];
  readonly text: string;
}

export interface Question {
  readonly path?: string;
  readonly method?: string;
  /** Names and values, in turn. */
  readonly headers?: readonly string[];
  readonly body?: Buffer | readonly Buffer[];
  readonly agent?: Agent;
  readonly information?: (status: number, raw: readonly string[]) => void;
}

export function ask(port: number, question: Question = {}): Promise<Answer> {
  const { path = "/", method = "GET", headers = [], body, information } = question;
  return new Promise((resolve, reject) => {
    const own = question.agent === undefined ? new Agent() : undefined;
    const outgoing = request({
      host: "127.0.0.1",
      port,
      path,
      method,
      headers: ["Host", "localhost:1234", ...headers],
      agent: question.agent ?? own,
    });
    outgoing.on("error", reject);
    outgoing.on("information", (info) => information?.(info.statusCode, info.rawHeaders));
    outgoing.on("response", async (answer) => {
      try {
        const chunks: Buffer[] = [];
        for await (const chunk of answer) chunks.push(chunk as Buffer);
        const all = Buffer.concat(chunks);
        resolve({
          status: answer.statusCode ?? 0,
          message: answer.statusMessage ?? "",
          rawHeaders: answer.rawHeaders,
          headers: answer.headers,
          body: all,
          rawTrailers: answer.rawTrailers,
          text: all.toString(),
        });
      } catch (error) {
        reject(error);
      } finally {
        own?.destroy();
      }
    });
    if (body === undefined || Buffer.isBuffer(body)) outgoing.end(body);
    else {
      for (const chunk of body) outgoing.write(chunk);
      outgoing.end();
    }
  });
}

export interface Wire extends Disposable {
  readonly socket: Socket;
  readonly isClosed: boolean;
  text(): string;
}

/** A bare connection: what is written is sent as it is. */
export function wire(port: number, first = ""): Promise<Wire> {
  return new Promise((resolve, reject) => {
    let text = "";
    let isClosed = false;
    const socket = connect({ host: "127.0.0.1", port }, () => {
      socket.off("error", reject);
      socket.on("error", () => {});
      if (first !== "") socket.write(first, "latin1");
      resolve({
        socket,
        get isClosed() {
          return isClosed;
        },
        text: () => text,
        [Symbol.dispose]: () => socket.destroy(),
      });
    });
    socket.once("error", reject);
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
    });
    socket.on("close", () => {
      isClosed = true;
    });
  });
}
