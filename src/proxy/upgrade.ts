/** WebSockets and whatever else changes the protocol: the offer goes to the run, and its connection is joined to the client's, byte for byte. */
import type { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { Duplex } from "node:stream";
import type { ExchangeOutcome } from "./exchange.ts";
import type { Flight, Flights } from "./flights.ts";
import { fieldOf, hasBody, joinedOf, pairsOf, withoutHop } from "./headers.ts";
import type { Lines } from "./lines.ts";
import type { Upstream } from "./served.ts";

export interface Offer {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** What came behind the head of the request already. */
  readonly head: Buffer;
  readonly upstream: Upstream;
  /** With `Connection` and `Upgrade` as they were sent. */
  readonly headers: readonly string[];
  /** Fields that are added to the answer. */
  readonly extra: readonly string[];
}

export async function joinLines(offer: Offer, lines: Lines, flights: Flights): Promise<ExchangeOutcome> {
  for (const host of lines.hostsOf(offer.upstream)) {
    const outcome = await attempt(offer, host, lines, flights);
    if (outcome.is !== "refused") return outcome;
  }
  return { is: "refused" };
}

function attempt(offer: Offer, host: string, lines: Lines, flights: Flights): Promise<ExchangeOutcome> {
  const { request, socket, head, upstream } = offer;
  return new Promise((resolve) => {
    const outgoing = lines.open(
      upstream,
      host,
      {
        method: request.method ?? "GET",
        path: request.url ?? "/",
        headers: offer.headers,
      },
      false,
    );
    let isConnected = false;
    let other: Duplex | undefined;
    const flight: Flight = {
      isStream: true,
      what: "a connection",
      isMovable: () => false,
      letGo: () => cut(),
      cut: () => cut(),
    };
    const cut = (): void => {
      outgoing.destroy();
      other?.destroy();
      socket.destroy();
    };
    const landed = flights.begin(upstream.run, flight);
    let isOver = false;
    const end = (outcome: ExchangeOutcome): void => {
      if (isOver) return;
      isOver = true;
      landed();
      socket.off("close", left);
      resolve(outcome);
    };
    const left = (): void => {
      outgoing.destroy();
      other?.destroy();
      end({ is: "gone" });
    };
    socket.on("close", left);
    outgoing.on("socket", (socket) => {
      const connected = (): void => {
        isConnected = true;
      };
      if (socket.connecting) socket.once("connect", connected);
      else connected();
    });
    outgoing.on("error", (error) => {
      if (!isConnected) end({ is: "refused" });
      else end({ is: "broken", error, wasIdle: false });
    });
    outgoing.on("upgrade", (answer, joined, first) => {
      other = joined;
      lines.answered(upstream, host);
      socket.write(headText(answer, [...answer.rawHeaders, ...offer.extra]), "latin1");
      if (first.length > 0) socket.write(first);
      if (head.length > 0) joined.write(head);
      // Whoever resets a connection must not take the other side, or us, by surprise.
      joined.on("error", () => socket.destroy());
      joined.on("close", () => {
        // What it said at last is on its way still.
        if (!joined.readableEnded) socket.destroy();
        end({ is: "answered" });
      });
      socket.on("error", () => joined.destroy());
      socket.pipe(joined);
      joined.pipe(socket);
    });
    outgoing.on("response", (answer) => {
      // No: an answer like any other, and the connection ends with it.
      lines.answered(upstream, host);
      sayNo(offer, answer);
      answer.on("end", () => end({ is: "answered" }));
    });
    outgoing.end();
  });
}

function sayNo({ request, socket, extra }: Offer, answer: IncomingMessage): void {
  const { rawHeaders, rawTrailers } = answer;
  const coding = request.httpVersion === "1.0" ? undefined : joinedOf(rawHeaders, "transfer-encoding");
  const ofBody = coding === undefined ? [] : ["Transfer-Encoding", coding];
  socket.write(headText(answer, [...withoutHop(rawHeaders), ...ofBody, ...extra, "Connection", "close"]), "latin1");
  answer.on("data", (chunk: Buffer) => {
    const size = `${chunk.length.toString(16)}\r\n`;
    const isWritten = socket.write(coding === undefined ? chunk : Buffer.concat([Buffer.from(size), chunk, lineEnd]));
    if (!isWritten) answer.pause();
  });
  socket.on("drain", () => answer.resume());
  answer.on("end", () => socket.end(coding === undefined ? "" : `0\r\n${linesOf(rawTrailers)}\r\n`, "latin1"));
  // Where the end of a body is that of the connection, only a reset tells that something is missing.
  answer.on("error", () => (socket instanceof Socket ? socket.resetAndDestroy() : socket.destroy()));
}

const lineEnd = Buffer.from("\r\n");

const linesOf = (raw: readonly string[]): string =>
  [...pairsOf(raw)].map(([name, value]) => `${name}: ${value}\r\n`).join("");

function headText(answer: IncomingMessage, raw: readonly string[]): string {
  return `HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\n${linesOf(raw)}\r\n`;
}

const isLeftOut = (protocol: string): boolean => /^(?:h2c|TLS\/.*)$/i.test(protocol);

/** What is offered to the run. Not HTTP/2 or TLS, which would be spoken past all that is checked here. */
export const offered = (raw: readonly string[]): string =>
  (fieldOf(raw, "upgrade") ?? "")
    .split(",")
    .map((protocol) => protocol.trim())
    .filter((protocol) => protocol !== "" && !isLeftOut(protocol))
    .join(", ");

/** An offer may be left unanswered, and one with a body is: what belongs to the body could not be told from what follows. */
export const isTakenUp = ({ rawHeaders }: IncomingMessage): boolean =>
  offered(rawHeaders) !== "" && !hasBody(rawHeaders);

/**
 * Node 22.21 and 24.9 and up ask: an offer that is not taken up is a request like any other. Others make every offer an `upgrade`. In
 * Node 26 the body of one is not read from its connection. https://nodejs.org/api/http.html#httpcreateserveroptions-requestlistener
 */
export const upgradesOnly: object = { shouldUpgradeCallback: isTakenUp };

/**
 * The connection of an offer that is not taken up (`h2c`, as `curl --http2` sends it): the request once more without the
 * offer, and all that follows it, to be read from the beginning.
 */
export function declined(request: IncomingMessage, socket: Duplex, head: Buffer): Duplex {
  const fields = [...pairsOf(request.rawHeaders)]
    .filter(([name]) => !["upgrade", "http2-settings"].includes(name.toLowerCase()))
    .map(([name, value]): readonly [string, string] =>
      name.toLowerCase() === "connection"
        ? [name, value.replace(/\b(?:upgrade|http2-settings)\b/gi, "")]
        : [name, value],
    )
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("");
  const again = new Duplex({
    read() {
      socket.resume();
    },
    write(chunk: Buffer, _, done) {
      socket.write(chunk, done);
    },
    final(done) {
      socket.end(done);
    },
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });
  // Who asks is still the same.
  Object.defineProperty(again, "remoteAddress", { value: request.socket.remoteAddress });
  again.push(Buffer.from(`${request.method} ${request.url} HTTP/${request.httpVersion}\r\n${fields}\r\n`, "latin1"));
  if (head.length > 0) again.push(head);
  socket.on("data", (chunk: Buffer) => {
    if (!again.push(chunk)) socket.pause();
  });
  socket.on("end", () => again.push(null));
  socket.on("error", () => again.destroy());
  socket.on("close", () => again.destroy());
  return again;
}
