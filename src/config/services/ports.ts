/** Two services on one port: only one of them could have it. */
import { resolve } from "node:path";
import type { Seen, ServiceComplaint } from "./check.ts";

interface Claim {
  readonly of: Seen;
  readonly key: string;
  /** From the value to what is meant. */
  readonly part: readonly (string | number)[];
  /** `port 8080`, or the path of a socket; of another machine with its name. */
  readonly place: string;
}

/** The later one of two is told of the earlier; once for each service and place. */
export function sharedPorts(all: readonly Seen[]): ServiceComplaint[] {
  const claims = all.flatMap(claimsOf);
  const said = new Set<string>();
  return claims.flatMap(({ of, key, part, place }, at) => {
    const other = claims.slice(0, at).find((earlier) => earlier.of !== of && earlier.place === place);
    if (other === undefined || said.has(`${of.name} ${place}`)) return [];
    said.add(`${of.name} ${place}`);
    const message = `${key}: ${place} is that of service ${other.of.name} (${other.key}), and only one can have it`;
    return [{ of, key, part, message }];
  });
}

function claimsOf(of: Seen): Claim[] {
  const { config, ground, port } = of.view;
  const { ready, proxy, sockets } = config;
  const claims: Claim[] = [];
  const claim = (key: string, port: number | undefined, host?: string, part: Claim["part"] = []): void => {
    if (port !== undefined) claims.push({ of, key, part, place: placeOf(port, host) });
  };
  // What all have from the top or from the shell says nothing of who listens there.
  const last = of.items.findLast(({ key }) => key.name === "proc.env");
  if (last !== undefined && "PORT" in Object(last.raw)) claim("proc.env", port, undefined, ["PORT"]);
  else if (of.view.own.has("env_files") && ground.fileEnv["PORT"] === String(port)) claim("env_files", port);
  if (ready.tcp !== undefined)
    claim("ready.tcp", ready.tcp === "auto" ? port : ready.tcp.port, ready.tcp === "auto" ? undefined : ready.tcp.host);
  if (ready.http?.startsWith("/") === true) claim("ready.http", port);
  else if (ready.http !== undefined && URL.canParse(ready.http)) {
    const { port: written, protocol, hostname } = new URL(ready.http);
    claim("ready.http", written === "" ? (protocol === "https:" ? 443 : 80) : Number(written), hostname);
  }
  if (proxy.listen !== "auto") claim("proxy.listen", proxy.listen.port, proxy.listen.host);
  if (proxy.target !== undefined && proxy.target !== "auto")
    claim("proxy.target", proxy.target.port, proxy.target.host);
  sockets.listen.forEach((place, at) => {
    if (place.is === "port") claim("sockets.listen", place.port, place.host, [at]);
    else claims.push({ of, key: "sockets.listen", part: [at], place: resolve(ground.commandDirectory, place.path) });
  });
  return claims;
}

function placeOf(port: number, host: string | undefined): string {
  const name = host?.replace(/^\[|\]$/g, "").toLowerCase();
  const isHere = name === undefined || /^(?:|localhost|0\.0\.0\.0|127\..*|::[01]?)$/.test(name);
  return isHere ? `port ${port}` : `port ${port} of ${name}`;
}
