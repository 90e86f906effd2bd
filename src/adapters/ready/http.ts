/** Ready when a URL answers with 2xx or 3xx. */
import type { RequestOptions } from "node:https";
import { isIP } from "node:net";
import { addressesOf, isThisMachine, withoutBrackets } from "./addresses.ts";
import { type Probe, type Refusal, refusalOf } from "./probe.ts";

const longestMs = 2_000;

/** @param isForeign whether somebody else has listened there since before the start */
export function httpProbe(url: string, isForeign: (address: string) => boolean): Probe {
  const host = withoutBrackets(new URL(url).hostname);
  let isConnected = false;
  const connected = (now: boolean): void => {
    isConnected = now;
  };
  return {
    open: `${url}: no answer`,
    meanwhile: () => (isConnected ? `${url}: it takes the connection, and does not answer` : undefined),
    pauseShare: 0.05,
    async ask(over) {
      const addresses = addressesOf(host).filter((address) => !isForeign(address));
      let why: Refusal | undefined;
      for (const address of addresses) {
        const refusal = await get(url, host, address, over, connected);
        if (refusal === undefined) return undefined;
        // What answers says more than what does not.
        if (why === undefined || /^\d/.test(refusal)) why = refusal;
      }
      return `${url}: ${why ?? "only somebody else listens there"}`;
    },
  };
}

async function get(
  url: string,
  host: string,
  address: string,
  over: AbortSignal,
  connected: (now: boolean) => void,
): Promise<Refusal | undefined> {
  const isSecure = url.startsWith("https:");
  const { get: request } = process.getBuiltinModule(isSecure ? "node:https" : "node:http");
  const options: RequestOptions = {
    agent: false,
    timeout: longestMs,
    headers: { accept: "*/*", "user-agent": "reload" },
    // Certificates for this machine are made at home; who else could answer here?
    ...(isSecure && isThisMachine(host) ? { rejectUnauthorized: false } : {}),
  };
  if (isIP(address) !== 0 && isIP(host) === 0) {
    options.lookup = (_, { all }, found) => {
      if (all === true) found(null, [{ address, family: isIP(address) }]);
      else found(null, address, isIP(address));
    };
  }
  return new Promise((resolve) => {
    const end = (answer: Refusal | undefined): void => {
      over.removeEventListener("abort", abort);
      connected(false);
      // Only the head was asked for: the rest may never end (an event stream).
      asked.destroy();
      resolve(answer);
    };
    const abort = (): void => end("given up");
    const asked = request(url, options, ({ statusCode = 0 }) => {
      end(statusCode >= 200 && statusCode < 400 ? undefined : String(statusCode));
    });
    asked
      .on("socket", (socket) => socket.once("connect", () => connected(true)))
      .on("timeout", () => end(`no answer within ${longestMs / 1_000}s`))
      .on("error", (error) => end(refusalOf(error)));
    over.addEventListener("abort", abort);
  });
}
