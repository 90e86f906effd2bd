/** The proxy: what may be asked, who answers, and what becomes of those who have to wait. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { isNavigation, type Refusal, refuse, say } from "./answers.ts";
import { exchange, type Outcome } from "./exchange.ts";
import { createFlights } from "./flights.ts";
import { faultOf, offerFault, ownFault } from "./guard.ts";
import { askedOf, fieldOf, hasBody, outgoing } from "./headers.ts";
import { createHub } from "./hub.ts";
import { createLines } from "./lines.ts";
import { ownPath, sendScript } from "./own.ts";
import { editOf, readable, scriptTag } from "./pages.ts";
import { noAnswer, nothingListens, speaksTls, whyAway } from "./refusals.ts";
import { createRoom } from "./room.ts";
import { nobody, type Served, type Upstream } from "./served.ts";
import { declined, join } from "./upgrade.ts";

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
  /** Streams of this run are closed at once; resolves when the requests under way have ended, after `limitMs` at the latest. */
  drain(run: number, limitMs: number): Promise<void>;
  /** The run is gone. */
  forget(run: number): void;
  close(): Promise<void>;
}

const maxHeld = 1_000;
/** Where nothing listens although a run is expected there, it is asked again so often. */
const firstPauseMs = 10;
const longestPauseMs = 100;
/** A run that refuses for so long is not going to listen there. */
const redialMs = 10_000;
/** So long it may take until it is known that a run has ended. */
const leavingMs = 1_000;
/** Enough descriptors must be left for what the proxy is there for. */
const maxConnections = 4_096;

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

  const questions = new Map<number, Promise<boolean>>();
  const isTls = async (upstream: Upstream): Promise<boolean> => {
    const { isTls: asks } = await import("./tls.ts");
    const question = questions.get(upstream.run) ?? asks(lines.hostsOf(upstream), upstream.port);
    questions.set(upstream.run, question);
    if (await question) warn(speaksTls(upstream));
    return question;
  };

  /** Somebody to ask, until an answer has begun. `ask` reports what became of it; what is returned is for the client to know. */
  const untilAnswered = async (
    isRepeatable: boolean,
    gone: AbortSignal,
    ask: (upstream: Upstream) => Promise<Outcome>,
  ): Promise<Refusal | undefined> => {
    const sinceMs = performance.now();
    let refusedSinceMs: number | undefined;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
      const entered = await room.enter(sinceMs, gone);
      if (entered.is === "away") return whyAway(entered.why, served);
      const { upstream } = entered;
      const outcome = await ask(upstream);
      if (outcome.is === "answered" || outcome.is === "gone") return undefined;
      if (outcome.is === "broken") {
        if (await isTls(upstream)) return { status: 502, title: "Bad gateway", detail: speaksTls(upstream) };
        if (!isRepeatable) return noAnswer(upstream, outcome.error);
        if (!outcome.wasIdle && !(await hasLeft(upstream, gone))) return noAnswer(upstream, outcome.error);
        continue;
      }
      refusedSinceMs ??= performance.now();
      const isInVain = performance.now() - refusedSinceMs >= redialMs && served.upstream?.port === upstream.port;
      if (isInVain || performance.now() - sinceMs >= parts.options().holdMs) return nothingListens(upstream);
      await room.next(pauseMs, gone);
    }
  };

  /** A run that gives no answer is about to end, as a rule, and another one may be asked. The same one is not asked twice. */
  const hasLeft = async ({ run }: Upstream, gone: AbortSignal): Promise<boolean> => {
    const end = performance.now() + leavingMs;
    for (let leftMs = leavingMs; leftMs > 0 && !gone.aborted; leftMs = end - performance.now()) {
      if (served.upstream?.run !== run) return true;
      await room.next(leftMs, gone);
    }
    return served.upstream?.run !== run;
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { liveReload, allowedHosts } = parts.options();
    const turnAway = (refusal: Refusal): void =>
      refuse(request, response, refusal, liveReload ? scriptTag(id, served.page) : "");
    const faulty = faultOf(request, allowedHosts);
    if (faulty !== undefined) return turnAway(faulty);
    const own = liveReload ? ownPath(request.url ?? "") : undefined;
    if (own !== undefined) {
      const fault = ownFault(request, allowedHosts);
      if (fault !== undefined) return turnAway(fault);
      return own === "events" ? hub.listen(request, response) : sendScript(response);
    }
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    const asked = askedOf(request.rawHeaders);
    if (asked.isToWait) {
      const fresh = await parts.fresh(gone.signal);
      if (fresh.is === "failed") {
        const { detail, members } = fresh;
        return turnAway({ status: 503, title: "Not ready", detail, retryAfter: 1, members });
      }
    }
    const method = request.method ?? "GET";
    const sender = { address: request.socket.remoteAddress, isEncrypted: false };
    const headers = isNavigation(request)
      ? readable(outgoing(asked.rest, method, sender))
      : outgoing(asked.rest, method, sender);
    const isRepeatable = ["GET", "HEAD", "OPTIONS"].includes(method) && !hasBody(asked.rest);
    const refusal = await untilAnswered(isRepeatable, gone.signal, (upstream) => {
      const extra = asked.wantsRun ? ["Reload-Run", String(upstream.run)] : [];
      const edit = (answer: IncomingMessage) =>
        liveReload
          ? editOf(request, answer, { id, version: served.page, host: request.headers.host ?? "", warn })
          : undefined;
      return exchange({ request, response, upstream, headers, isRepeatable, edit, extra }, lines, flights);
    });
    if (refusal !== undefined) turnAway(refusal);
  };

  const upgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    socket.on("error", () => socket.destroy());
    const offer = fieldOf(request.rawHeaders, "upgrade") ?? "";
    if (/^\s*(?:h2c|TLS\/)/i.test(offer)) {
      server.emit("connection", declined(request, socket, head));
      return;
    }
    const faulty = offerFault(request, parts.options().allowedHosts);
    if (faulty !== undefined) return say(socket, faulty);
    const gone = new AbortController();
    socket.on("close", () => gone.abort());
    const { rest } = askedOf(request.rawHeaders);
    const sender = { address: request.socket.remoteAddress, isEncrypted: false };
    const headers = [...outgoing(rest, request.method ?? "GET", sender), "Connection", "Upgrade", "Upgrade", offer];
    const refusal = await untilAnswered(false, gone.signal, (upstream) =>
      join({ request, socket, head, upstream, headers }, lines, flights),
    );
    if (refusal !== undefined) say(socket, refusal);
  };

  /** A mistake of ours costs one answer, and says so. */
  const fault = (error: unknown): void =>
    warn(`a request failed in the proxy itself: ${error instanceof Error ? error.message : String(error)}`);
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    serve(request, response).catch((error: unknown) => {
      fault(error);
      response.destroy();
    });
  };

  const server = createServer(
    // A held upload is not late; only the head of a request has a time limit.
    { requestTimeout: 0, headersTimeout: 30_000, keepAliveTimeout: 65_000, noDelay: true },
    (request, response) => answer(request, response),
  );
  server.maxConnections = maxConnections;
  server.on("checkContinue", answer);
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    upgrade(request, socket, head).catch((error: unknown) => {
      fault(error);
      socket.destroy();
    });
  });
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    if (error.code === "ECONNRESET" || !socket.writable) socket.destroy();
    else if (error.code === "HPE_HEADER_OVERFLOW")
      say(socket, { status: 431, title: "Request Header Fields Too Large", detail: "the head of a request has 16 KB" });
    else say(socket, { status: 400, title: "Bad Request", detail: error.message });
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
    drain: (run, limitMs) => flights.drain(run, limitMs),
    forget(run) {
      flights.forget(run);
      lines.forget(run);
      questions.delete(run);
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
