/** The proxy: what may be asked, who answers, and what becomes of those who have to wait. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { isNavigation, type RefusalAnswer, say, sendRefusal } from "./answers.ts";
import { departureOf } from "./departure.ts";
import { createDial } from "./dial.ts";
import { type ExchangeOutcome, exchange } from "./exchange.ts";
import { createFlights, type Flights } from "./flights.ts";
import { faultOf, notAPath, offerFault, ownFault } from "./guard.ts";
import { type AskedOfProxy, askedOf, hasBody, outgoing } from "./headers.ts";
import { createHub } from "./hub.ts";
import { createLines } from "./lines.ts";
import { ownPath, sendScript } from "./own.ts";
import { editOf, readable, scriptTag } from "./pages.ts";
import { pipelined } from "./pipelined.ts";
import { speaksNewer } from "./refusals.ts";
import { createRoom } from "./room.ts";
import { nobody, type Served, type Upstream } from "./served.ts";
import { declined, isTakenUp, joinLines, offered, upgradesOnly } from "./upgrade.ts";

export interface ProxyOptions {
  readonly liveReload: boolean;
  /** `[proxy] hold`, in milliseconds. */
  readonly holdMs: number;
  /** `[proxy] allowed_hosts`. */
  readonly allowedHosts: readonly string[];
}

/** How the question of a program that waits for the newest source was answered. */
export type Fresh =
  | { readonly is: "ready" }
  /** `members` is what `reload wait --json` prints. */
  | { readonly is: "failed"; readonly detail: string; readonly members: Readonly<Record<string, unknown>> };

export interface ProxyParts {
  /** Asked at each request: a new version of the configuration counts from the next one on. */
  options(): ProxyOptions;
  /** Resolves when everything that is on disk now runs, or has failed. */
  fresh(gone: AbortSignal): Promise<Fresh>;
  /** A line for the user; each text once for each run. */
  warn(text: string): void;
}

/** An open proxy. */
export interface Front {
  readonly address: AddressInfo;
  /** Requests that wait at the moment. */
  readonly held: number;
  /** Pages that listen at the moment. */
  readonly listeners: number;
  tell(served: Served): void;
  readonly drain: Flights["drain"];
  /** What is under way on it has had its time. */
  letGo(run: number): void;
  /** The run is gone. */
  forget(run: number): void;
  close(): Promise<void>;
}

const maxHeld = 1_000;
/** Enough descriptors must be left for what the proxy is there for. */
const maxConnections = 4_096;
/** More than most programs take, so that it is theirs to say no. */
const maxHeadBytes = 64 * 1024;
const headLimit = `the head of a request has ${maxHeadBytes / 1024} KB at most`;

const runField = ({ wantsRun }: AskedOfProxy, { run }: Upstream): string[] =>
  wantsRun ? ["Reload-Run", String(run)] : [];

/** Rejects with the error of the system where the address cannot be opened. Port 0 is any that is free. */
export async function openProxy(host: string, port: number, parts: ProxyParts): Promise<Front> {
  const id = Math.floor(Math.random() * 2 ** 48).toString(36);
  let served: Served = nobody;
  const warned = new Set<string>();
  const warn = (text: string): void => {
    const key = `${served.upstream?.run} ${text}`;
    if (warned.has(key)) return;
    warned.add(key);
    parts.warn(text);
  };
  const room = createRoom(
    () => served,
    () => ({ holdMs: parts.options().holdMs, maxHeld }),
  );
  const hub = createHub(id, () => served);
  const lines = createLines();
  const flights = createFlights();

  const dial = createDial({ room, lines, served: () => served, holdMs: () => parts.options().holdMs, warn });

  /** Why nothing that contains what is on disk can be asked. */
  const whyStale = async (gone: AbortSignal): Promise<RefusalAnswer | undefined> => {
    const fresh = await parts.fresh(gone);
    if (fresh.is === "ready") return undefined;
    const { detail, members } = fresh;
    return { status: 503, title: "Not ready", detail, retryAfter: 1, members };
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { liveReload, allowedHosts } = parts.options();
    const turnAway = (refusal: RefusalAnswer): void =>
      sendRefusal(request, response, refusal, liveReload ? scriptTag(id, served.page) : "");
    const faulty = faultOf(request, allowedHosts);
    if (faulty !== undefined) return turnAway(faulty);
    const own = liveReload ? ownPath(request.url ?? "") : undefined;
    if (own !== undefined) {
      const fault = ownFault(request, allowedHosts);
      if (fault !== undefined) return turnAway(fault);
      return own === "events" ? hub.listen(request, response) : sendScript(response);
    }
    const client = departureOf(response);
    const asked = askedOf(request.rawHeaders);
    const stale = asked.isToWait ? await whyStale(client.signal) : undefined;
    if (stale !== undefined) return turnAway(stale);
    const method = request.method ?? "GET";
    const sender = { address: request.socket.remoteAddress, isEncrypted: false };
    const fields = outgoing(asked.rest, method, sender);
    const headers = isNavigation(request) ? readable(fields) : fields;
    const isWithBody = hasBody(asked.rest);
    const isRepeatable = !isWithBody && (method === "GET" || method === "HEAD" || method === "OPTIONS");
    const ask = (upstream: Upstream): Promise<ExchangeOutcome> => {
      const extra = runField(asked, upstream);
      const edit = (answer: IncomingMessage) =>
        liveReload
          ? editOf(request, answer, { id, version: served.page, host: request.headers.host ?? "", warn })
          : undefined;
      return exchange({ request, response, upstream, headers, isWithBody, isRepeatable, edit, extra }, lines, flights);
    };
    const refusal = await dial.call({ isRepeatable, client, ask });
    if (refusal !== undefined) turnAway(refusal);
  };

  const upgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    socket.on("error", () => socket.destroy());
    const protocols = offered(request.rawHeaders);
    if (!isTakenUp(request)) {
      server.emit("connection", declined(request, socket, head));
      return;
    }
    const faulty = offerFault(request, parts.options().allowedHosts);
    if (faulty !== undefined) return say(socket, faulty);
    const client = departureOf(socket);
    const asked = askedOf(request.rawHeaders);
    const stale = asked.isToWait ? await whyStale(client.signal) : undefined;
    if (stale !== undefined) return say(socket, stale);
    const sender = { address: request.socket.remoteAddress, isEncrypted: false };
    const headers = [
      ...outgoing(asked.rest, request.method ?? "GET", sender),
      ...["Connection", "Upgrade", "Upgrade", protocols],
    ];
    const ask = (upstream: Upstream): Promise<ExchangeOutcome> =>
      joinLines({ request, socket, head, upstream, headers, extra: runField(asked, upstream) }, lines, flights);
    const refusal = await dial.call({ isRepeatable: false, client, ask });
    if (refusal !== undefined) say(socket, refusal);
  };

  /** A mistake of ours costs one answer, and says so. */
  const fault = (error: unknown): void =>
    warn(`a request failed in the proxy itself: ${error instanceof Error ? error.message : String(error)}`);
  const { answer, begunOn } = pipelined((request, response) => {
    serve(request, response).catch((error: unknown) => {
      fault(error);
      response.destroy();
    });
  });

  const server = createServer(
    // A held upload is not late; only the head of a request has a time limit.
    {
      requestTimeout: 0,
      headersTimeout: 30_000,
      keepAliveTimeout: 65_000,
      maxHeaderSize: maxHeadBytes,
      noDelay: true,
      ...upgradesOnly,
    },
    answer,
  );
  server.maxConnections = maxConnections;
  // As many fields as there is room for: one that were left out could be the one that matters.
  server.maxHeadersCount = 0;
  server.on("checkContinue", answer);
  server.on("checkExpectation", answer);
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    upgrade(request, socket, head).catch((error: unknown) => {
      fault(error);
      socket.destroy();
    });
  });
  server.on("connect", (_, socket: Duplex) => say(socket, notAPath));
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    const begun = begunOn(socket);
    if (error.code === "ECONNRESET" || !socket.writable) socket.destroy();
    // No second answer, and none in the middle of another one.
    else if (begun !== undefined) begun.writableEnded ? socket.end() : socket.destroy();
    else if (error.code === "HPE_HEADER_OVERFLOW")
      say(socket, { status: 431, title: "Request Header Fields Too Large", detail: headLimit });
    else if (error.code === "ERR_HTTP_REQUEST_TIMEOUT")
      say(socket, { status: 408, title: "Request Timeout", detail: "the head of the request did not come in time" });
    else {
      const isNewer = error.code === "HPE_PAUSED_H2_UPGRADE";
      if (isNewer) warn(speaksNewer);
      say(socket, { status: 400, title: "Bad Request", detail: isNewer ? speaksNewer : error.message });
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host }, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a proxy listens on a port");

  return {
    address,
    get held() {
      return room.held;
    },
    get listeners() {
      return hub.listeners;
    },
    tell(next) {
      served = next;
      room.tell();
      hub.tell(next);
    },
    drain(run, limitMs, say) {
      lines.rest(run);
      return flights.drain(run, limitMs, say);
    },
    letGo: flights.letGo,
    forget(run) {
      flights.forget(run);
      lines.forget(run);
      dial.forget(run);
    },
    async close() {
      hub.close();
      flights.cutAll();
      lines.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
