/** Ready when somebody takes connections. */
import { connect } from "node:net";
import { addressesOf } from "./addresses.ts";
import { type Probe, type Refusal, refusalOf } from "./probe.ts";

/** A connection within the machine takes no time; one that hangs is asked for again, in milliseconds. */
const longestMs = 1_000;

/** @param isForeign whether somebody else has listened there since before the start */
export function tcpProbe(host: string | undefined, port: number, isForeign: (address: string) => boolean): Probe {
  const name = host === undefined ? `port ${port}` : `${host.includes(":") ? `[${host}]` : host}:${port}`;
  return {
    open: `${name}: no answer`,
    pauseShare: 0.05,
    async ask(over) {
      let why = "only somebody else listens there";
      for (const address of addressesOf(host)) {
        if (isForeign(address)) continue;
        const refusal = await dial(address, port, over);
        if (refusal === undefined) return undefined;
        // Not every system has the second address at all.
        if (address === addressesOf(host).find((each) => !isForeign(each))) why = refusal;
      }
      return `${name}: ${why}`;
    },
  };
}

function dial(host: string, port: number, over: AbortSignal): Promise<Refusal | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (answer: Refusal | undefined): void => {
      over.removeEventListener("abort", abort);
      socket.destroy();
      resolve(answer);
    };
    const abort = (): void => end("given up");
    over.addEventListener("abort", abort);
    socket
      .once("connect", () => end(undefined))
      .once("error", (error) => end(refusalOf(error)))
      .setTimeout(longestMs, () => end(`no answer within ${longestMs / 1_000}s`));
  });
}
