/** The browsers that listen: each gets the whole state when it comes and with every change, so none can have missed anything. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Served } from "./served.ts";

const heartbeatMs = 15_000;
const retryMs = 500;
/** So many tabs without a leader, or whoever opens more and more of them. */
const maxListeners = 200;
/** Whoever reads so little of what it is told (a tab that is frozen) is let go: it asks again, and is told all there is. */
const maxUnreadBytes = 1024 * 1024;
/** As much of what a build printed as a page has to show. */
const maxOutputLength = 64 * 1024;

export interface Hub {
  listen(request: IncomingMessage, response: ServerResponse): void;
  tell(served: Served): void;
  readonly listeners: number;
  close(): void;
}

/** What a page is told. `run` is whether somebody answers. */
export function messageOf(id: string, served: Served): string {
  const { generation, upstream, because, page, restyled, failures } = served;
  return JSON.stringify({
    id,
    generation,
    isServed: upstream !== undefined,
    because,
    page,
    restyled,
    failures: failures.map((failure) => ({ ...failure, output: failure.output.slice(-maxOutputLength) })),
  });
}

export function createHub(id: string, served: () => Served): Hub {
  const listeners = new Set<ServerResponse>();
  let told = "";
  const frame = (message: string): string => `data: ${message}\n\n`;
  const write = (text: string): void => {
    for (const response of listeners)
      if (response.writableLength > maxUnreadBytes) response.destroy();
      else response.write(text);
  };
  const beat = setInterval(() => write(": still here\n\n"), heartbeatMs);
  beat.unref();

  return {
    get listeners() {
      return listeners.size;
    },
    listen(request, response) {
      if (listeners.size >= maxListeners) {
        response.writeHead(503, { "Content-Type": "text/plain", "Retry-After": "5" }).end("too many pages listen\n");
        return;
      }
      response.writeHead(200, {
        "Content-Type": "text/event-stream",
        "Cache-Control": "no-store",
        "X-Accel-Buffering": "no",
      });
      listeners.add(response);
      request.socket.setNoDelay?.(true);
      response.on("close", () => listeners.delete(response));
      response.write(`retry: ${retryMs}\n${frame(messageOf(id, served()))}`);
    },
    tell(state) {
      const message = messageOf(id, state);
      if (message === told) return;
      told = message;
      write(frame(message));
    },
    close() {
      clearInterval(beat);
      for (const response of listeners) response.destroy();
      listeners.clear();
    },
  };
}
