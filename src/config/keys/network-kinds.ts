/** Kinds of values that have to do with where something listens. */
import { isIP } from "node:net";
import { shown } from "../write/write.ts";
import { addressHint } from "./hints.ts";
import { bad, type Decoded, good, type Kind, listOf, wants, withoutNul } from "./kinds.ts";

/** Where `reload` listens in the name of the program. */
export type SocketPlace =
  | { readonly is: "port"; readonly host: string; readonly port: number }
  /** As it was written. */
  | { readonly is: "path"; readonly path: string };

const loopback = "127.0.0.1";
const form = /^(?:([^\s:/]*|\[[0-9A-Fa-f:.]+\]):)?([0-9]{1,5})$/;
const isPort = (port: number): boolean => Number.isInteger(port) && port >= 1 && port <= 65_535;
const noPort = (value: unknown): string => `${shown(value)} is not a port (1 to 65535)`;

const portSchemas = [
  { type: "integer", minimum: 1, maximum: 65_535 },
  { type: "string", pattern: "^(?:(?:[^\\s:/]*|\\[[0-9A-Fa-f:.]+\\]):)?[0-9]{1,5}$" },
] as const;

const socket: Kind<SocketPlace> = {
  name: 'port, "host:port" or path',
  schema: { anyOf: [...portSchemas, { type: "string", pattern: "/" }] },
  decode(value) {
    if (typeof value === "string" && value.includes("/")) {
      const path = withoutNul(value);
      return path.ok ? good({ is: "path", path: path.value }) : path;
    }
    const place = hostAndPort(value, 'a port, "host:port" or the path of a socket (with a /)');
    return place.ok ? good({ is: "port", ...place.value }) : place;
  },
};

/** Ports, `"host:port"` and paths of Unix sockets. */
export const socketPlaces: Kind<readonly SocketPlace[]> = listOf("list of ports, addresses and paths", socket);

/** The host is an address of this machine; without one it is loopback. */
function hostAndPort(value: unknown, what: string): Decoded<{ readonly host: string; readonly port: number }> {
  if (typeof value === "number") return isPort(value) ? good({ host: loopback, port: value }) : bad(noPort(value));
  if (typeof value !== "string") return wants(value, what);
  const parts = form.exec(value);
  if (parts === null) return bad(`${shown(value)} is not ${what}`, addressHint(value));
  const port = Number(parts[2]);
  if (!isPort(port)) return bad(noPort(value));
  const host = addressOf(parts[1]);
  return host === undefined
    ? bad(
        `${shown(value)}: ${parts[1] ?? ""} is not an IP address`,
        "127.0.0.1 and localhost are this machine, 0.0.0.0 is all of its addresses",
      )
    : good({ host, port });
}

/** `:8080` is what Go programs say for all addresses. */
function addressOf(host: string | undefined): string | undefined {
  if (host === undefined || host.toLowerCase() === "localhost") return loopback;
  if (host === "" || host === "*") return "0.0.0.0";
  const bare = host.replace(/^\[|\]$/g, "");
  return isIP(bare) === 0 ? undefined : bare;
}

const orAuto = <T>(of: Decoded<T>, value: unknown): Decoded<T | "auto"> => (value === "auto" ? good("auto") : of);

/** A port, `"host:port"` or `"auto"`: where the proxy listens. */
export const listenPlace: Kind<{ readonly host: string; readonly port: number } | "auto"> = {
  name: 'port, "host:port" or "auto"',
  schema: { anyOf: [{ const: "auto" }, ...portSchemas] },
  decode: (value) => orAuto(hostAndPort(value, 'a port, "host:port" or "auto"'), value),
};

/** Where the program listens: on this machine alone, so that nothing else is ever asked in the name of a page. */
export const targetPlace: Kind<
  { readonly host: "127.0.0.1" | "::1" | undefined; readonly port: number } | "auto" | undefined
> = {
  name: 'port, "host:port" or "auto"',
  schema: { anyOf: [{ const: "auto" }, ...portSchemas] },
  decode(value) {
    if (value === "auto") return good("auto");
    const what = 'a port, "host:port" or "auto"';
    if (typeof value === "number") return isPort(value) ? good({ host: undefined, port: value }) : bad(noPort(value));
    const place = hostAndPort(value, what);
    if (!place.ok) return place;
    const { host, port } = place.value;
    // Who listens on all addresses, or on the name, is asked at both.
    if (host === "0.0.0.0" || host === "::" || /^(?:localhost)?:/i.test(String(value)))
      return good({ host: undefined, port });
    return host === "127.0.0.1" || host === "::1"
      ? good({ host, port })
      : bad(`${shown(value)} is not on this machine: only 127.0.0.1 and ::1 are asked`);
  },
};
