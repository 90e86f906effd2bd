/**
 * Requests that a client sends ahead of their answers (pipelining) are asked one after the other, as they would be without us:
 * Node begins all of them at once, which would send a POST and the GET behind it to the application side by side.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** Of one connection; nobody means it well who sends more. */
const maxAhead = 1_000;

interface Turns {
  current: ServerResponse;
  readonly waiting: (() => void)[];
}

export interface Pipelined {
  /** Calls `serve` when the answers before have gone out. */
  answer(request: IncomingMessage, response: ServerResponse): void;
  /** The answer that has begun on this connection and may not be all, or belongs to a request that is not. */
  begunOn(socket: Duplex): ServerResponse | undefined;
}

export function pipelined(serve: (request: IncomingMessage, response: ServerResponse) => void): Pipelined {
  const all = new WeakMap<Duplex, Turns>();
  const begunOn = (socket: Duplex): ServerResponse | undefined => {
    const current = all.get(socket)?.current;
    return current?.headersSent === true && !(current.writableFinished && current.req.complete) ? current : undefined;
  };
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const { socket } = request;
    const turns = all.get(socket);
    if (turns === undefined || (turns.current.writableFinished && turns.waiting.length === 0)) {
      if (turns === undefined) all.set(socket, { current: response, waiting: [] });
      else turns.current = response;
      serve(request, response);
      return;
    }
    const next = (): void => {
      if (socket.destroyed) turns.waiting.length = 0;
      else turns.waiting.shift()?.();
    };
    if (turns.waiting.length === 0) turns.current.once("close", next);
    if (turns.waiting.length >= maxAhead) {
      socket.destroy();
      return;
    }
    turns.waiting.push(() => {
      turns.current = response;
      if (turns.waiting.length > 0) response.once("close", next);
      serve(request, response);
    });
  };
  return { answer, begunOn };
}
