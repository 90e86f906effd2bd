/** One request to one run, and its answer back, both streaming. What failed before any of an answer came is told to the caller, who may try again. */
import type { ClientRequest, IncomingMessage, InformationEvent, OutgoingMessage, ServerResponse } from "node:http";
import { pipeline, Readable, type Transform } from "node:stream";
import type { Flight, Flights } from "./flights.ts";
import { codingOf, fieldOf, pairsOf, unannounced, withoutHop } from "./headers.ts";
import type { Lines } from "./lines.ts";
import type { Upstream } from "./served.ts";

export type ExchangeOutcome =
  | { readonly is: "answered" }
  /** The client has gone. */
  | { readonly is: "gone" }
  /** Nothing listens there: nothing was sent. */
  | { readonly is: "refused" }
  /** The connection ended before an answer began. `wasIdle`: it was open from before, and may have been closed already. */
  | { readonly is: "broken"; readonly error: Error; readonly wasIdle: boolean }
  /** The run has to end, and had given no answer. */
  | { readonly is: "let go" };

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly upstream: Upstream;
  /** The fields of the request as the run is to see them, those of one hop included. */
  readonly headers: readonly string[];
  readonly isWithBody: boolean;
  /** May be sent again: nothing is changed by it, and it has no body. */
  readonly isRepeatable: boolean;
  /** What becomes of the answer: further fields, fields to be left out, and a stream that changes the body. */
  readonly edit: (answer: IncomingMessage) => HeadEdit | undefined;
  /** Fields that are added to the answer. */
  readonly extra: readonly string[];
}

export interface HeadEdit {
  /** From the first bytes of the answer: whether it is to be changed; `undefined` while further ones decide. */
  isWanted(start: Buffer, isEnd: boolean): Promise<boolean | undefined>;
  readonly without: ReadonlySet<string>;
  readonly body: readonly Transform[];
}

export async function exchange(one: Exchange, lines: Lines, flights: Flights): Promise<ExchangeOutcome> {
  for (const host of lines.hostsOf(one.upstream)) {
    const outcome = await attempt(one, host, lines, flights);
    if (outcome.is !== "refused") return outcome;
  }
  return { is: "refused" };
}

function attempt(one: Exchange, host: string, lines: Lines, flights: Flights): Promise<ExchangeOutcome> {
  const { request, response, upstream, isWithBody, isRepeatable } = one;
  return new Promise((resolve) => {
    const outgoing = lines.open(
      upstream,
      host,
      // A flat list keeps order, case and duplicates.
      {
        method: request.method ?? "GET",
        path: request.url ?? "/",
        headers: one.headers,
      },
      isRepeatable,
    );
    let isConnected = false;
    let answered: IncomingMessage | undefined;
    let isOver = false;
    const flight: Flight = {
      isStream: false,
      // What it asks for in detail may be a secret.
      what: `${request.method} ${request.url?.split("?", 1)[0]}`,
      isMovable: () => isRepeatable && answered === undefined,
      letGo() {
        if (answered === undefined) end({ is: "let go" });
        outgoing.destroy();
      },
      cut() {
        outgoing.destroy();
        response.destroy();
      },
    };
    const landed = flights.begin(upstream.run, flight);
    const end = (outcome: ExchangeOutcome): void => {
      if (isOver) return;
      isOver = true;
      landed();
      response.off("close", left);
      resolve(outcome);
    };
    const left = (): void => {
      if (!response.writableFinished) outgoing.destroy();
      end({ is: response.writableFinished ? "answered" : "gone" });
    };
    response.on("close", left);
    outgoing.on("socket", (socket) => {
      const connected = (): void => {
        isConnected = true;
        if (isWithBody) send(request, outgoing);
      };
      if (socket.connecting) socket.once("connect", connected);
      else connected();
    });
    const failed = (error: Error): void => {
      if (answered !== undefined) {
        // A body that the run cut is cut for the client as well, who must not take it for whole.
        if (!answered.complete) cutShort(request, response);
      } else if (!isConnected) end({ is: "refused" });
      else end({ is: "broken", error, wasIdle: outgoing.reusedSocket });
    };
    outgoing.on("error", failed);
    outgoing.on("close", () => {
      // As it does when the run changes the protocol, which nobody has asked for.
      if (answered === undefined) failed(new Error("the connection ended"));
      // Whoever has its answer before all was sent gets rid of the rest, and its connection goes on.
      else if (isWithBody && !request.complete) request.unpipe(outgoing).resume();
    });
    // A client of HTTP/1.0 knows one answer to a request (RFC 9110, 15.2).
    if (request.httpVersion !== "1.0") {
      outgoing.on("continue", () => response.writeContinue());
      outgoing.on("information", (info) => informed(response, info));
    }
    outgoing.on("response", (answer) => {
      answered = answer;
      lines.answered(upstream, host);
      // The run has done its part, however slowly the client reads.
      answer.once("end", landed);
      if (isEndless(answer)) flights.becameStream(upstream.run, flight);
      if (response.destroyed) return;
      receive(one, answer).catch((error: Error) => {
        outgoing.destroy();
        // A head that Node's parser lets in and its writer does not let out: a status below 100, a reason with a control character.
        if (response.headersSent) response.destroy();
        response.statusMessage = "";
        response.sendDate = true;
        end({ is: "broken", error, wasIdle: false });
      });
    });
    if (!isWithBody) outgoing.end();
  });
}

/** What is never over by itself: events, and pictures that take each other's place. */
const isEndless = ({ rawHeaders }: IncomingMessage): boolean =>
  /^\s*(?:text\/event-stream|multipart\/x-mixed-replace)\b/i.test(fieldOf(rawHeaders, "content-type") ?? "");

function send(request: IncomingMessage, outgoing: ClientRequest): void {
  // Whoever wants to say no to the head is not to wait for the body.
  flushHead(outgoing);
  request.on("end", () => {
    if (request.rawTrailers.length > 0) outgoing.addTrailers(pairsFrom(request.rawTrailers));
  });
  request.pipe(outgoing);
}

/** Node's own `flushHeaders` takes the bytes of fields for characters, and writes two for each above 127. */
const flushHead = (message: OutgoingMessage): void => void message.write("", "latin1");

async function receive({ request, response, edit, extra }: Exchange, answer: IncomingMessage): Promise<void> {
  const wished = edit(answer);
  const begun = wished === undefined ? undefined : await begin(answer, wished);
  const change = begun?.isWanted === true ? wished : undefined;
  // A client of HTTP/1.0 knows no such field.
  const coding = request.httpVersion === "1.0" ? [] : codingOf(answer.rawHeaders);
  const all = [...coding, ...withoutHop(answer.rawHeaders, change?.without), ...extra];
  const fields = isInChunks(request, answer, all) ? all : unannounced(all);
  // What the run did not say is not said for it.
  response.sendDate = false;
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage ?? "", fields);
  // What streams may have nothing to say for a while, and its beginning is an answer as well.
  if (fieldOf(answer.rawHeaders, "content-length") === undefined) flushHead(response);
  if (begun === undefined) return passOn(answer, response);
  answer.on("end", () => addTrailers(answer, response));
  pipeline([Readable.from(begun.all(), { objectMode: false }), ...(change?.body ?? []), response], () => {
    // What became of it shows in the response itself: ended, or closed before its time.
  });
}

/** How Node sends what has no length, to whom and where there may be a body at all. */
const isInChunks = ({ method, httpVersion }: IncomingMessage, { statusCode }: IncomingMessage, fields: string[]) =>
  httpVersion !== "1.0" &&
  method !== "HEAD" &&
  statusCode !== 204 &&
  statusCode !== 304 &&
  fieldOf(fields, "content-length") === undefined;

/** As `pipeline` does, which makes and aborts a signal for each answer: a tenth of what a request costs. */
function passOn(answer: IncomingMessage, response: ServerResponse): void {
  answer.on("data", (chunk: Buffer) => {
    if (!response.write(chunk)) answer.pause();
  });
  response.on("drain", () => answer.resume());
  answer.on("end", () => {
    addTrailers(answer, response);
    response.end();
  });
  answer.on("error", () => cutShort(response.req, response));
}

/** To HTTP/1.0 the end of the connection may be that of the body: only a reset tells it that something is missing. */
function cutShort({ httpVersion }: IncomingMessage, response: ServerResponse): void {
  if (httpVersion === "1.0") response.socket?.resetAndDestroy();
  response.destroy();
}

function addTrailers({ rawTrailers }: IncomingMessage, response: ServerResponse): void {
  if (rawTrailers.length > 0) response.addTrailers(pairsFrom(rawTrailers));
}

/** Reads as much as it takes to know whether the answer is to be changed, and gives it back with the rest. */
async function begin(answer: IncomingMessage, edit: HeadEdit) {
  const chunks = answer[Symbol.asyncIterator]();
  let start = Buffer.alloc(0);
  let isOver = false;
  let isWanted: boolean | undefined;
  while (isWanted === undefined && !isOver) {
    const next = await chunks.next();
    if (next.done === true) isOver = true;
    else start = Buffer.concat([start, next.value]);
    isWanted = await edit.isWanted(start, isOver);
  }
  return {
    isWanted: isWanted === true,
    async *all(): AsyncGenerator<Buffer> {
      if (start.length > 0) yield start;
      for (let next = isOver ? undefined : await chunks.next(); next?.done === false; next = await chunks.next())
        yield next.value;
    },
  };
}

const pairsFrom = (raw: readonly string[]): [string, string][] =>
  [...pairsOf(raw)].map(([name, value]) => [name, value]);

/** As it came: Node's own functions for these take only some of the fields. */
function informed(response: ServerResponse, { statusCode, statusMessage, rawHeaders }: InformationEvent): void {
  if (statusCode === 100 || response.headersSent) return;
  const fields = [...pairsOf(rawHeaders)].map(([name, value]) => `${name}: ${value}\r\n`).join("");
  response.socket?.write(`HTTP/1.1 ${statusCode} ${statusMessage}\r\n${fields}\r\n`, "latin1");
}
