/** Where a Python server listens when it is started as it is: that port `reload` can keep open over restarts, and hand to each run. */
import { socketPlaces } from "../../keys/network-kinds.ts";

export interface KeptAddress {
  /** As `sockets.listen` has it. */
  readonly listen: number | string;
  /** For the user: `http://127.0.0.1:8000` */
  readonly url: string;
}

/** @returns `undefined` where `[sockets]` cannot listen there (a host name, port 0): the server opens its port by itself then */
export function keptAddress(host: string, port: string): KeptAddress | undefined {
  if (process.platform === "win32" || !/^\d+$/.test(port)) return undefined;
  const shown = host.includes(":") ? `[${host}]` : host;
  const text = `${shown}:${port}`;
  if (host === "" || !socketPlaces.decode([text]).ok) return undefined;
  return { listen: host === "127.0.0.1" || host === "localhost" ? Number(port) : text, url: `http://${text}` };
}
