/** Where a proxy listens: at the address that is set, at the `PORT` that was inherited, or at the port of this checkout. */
import type { LoadedConfig } from "../../config/layers/load.ts";
import type { Prepared } from "../../config/store/store.ts";
import { reasonOf, systemCode } from "../../core/errors.ts";
import type { Problem } from "../../core/problem.ts";
import type { Service } from "../../core/types.ts";
import { type Front, openProxy, type ProxyParts } from "../../proxy/server.ts";
import type { ProxySettings } from "../service-settings.ts";
import { portsOfCheckout } from "./places.ts";

export interface Open {
  readonly front: Front;
  /** What was asked for: the same again is open already. */
  readonly listen: string;
  readonly url: string;
  readonly host: string;
}

export interface Opening {
  readonly loaded: LoadedConfig;
  readonly service: Service;
  readonly settings: ProxySettings;
  /** The `PORT` that `reload` itself was given. */
  readonly inherited: string | undefined;
  readonly isContainer: boolean;
  readonly parts: ProxyParts;
}

const loopback = "127.0.0.1";

/** Rejects with the error of the system where the address cannot be opened. */
export async function openFront(opening: Opening): Promise<Open> {
  const { loaded, service, settings, inherited, parts } = opening;
  const { listen, target } = settings;
  const openAt = async (wanted: string, port: number): Promise<Open> => {
    // Whoever publishes the port of a container has air listen on all addresses, as it does everywhere.
    const host = loaded.kind === "air" && opening.isContainer && wanted === loopback ? "0.0.0.0" : wanted;
    const front = await openProxy(host, port, parts);
    return { front, listen: listenOf(settings), url: urlOf(host, front), host };
  };
  if (listen !== "auto") return openAt(listen.host, listen.port);
  const port = target === "auto" ? Number(inherited ?? "") : 0;
  if (Number.isInteger(port) && port > 0 && port < 65_536) return openAt(loopback, port);
  let last: unknown;
  for (const own of portsOfCheckout(`${loaded.directory}\0${loaded.profile ?? ""}\0${service}`)) {
    try {
      return await openAt(loopback, own);
    } catch (error) {
      if (systemCode(error) !== "EADDRINUSE") throw error;
      last = error;
    }
  }
  throw last;
}

export const listenOf = ({ listen, target }: ProxySettings): string =>
  listen === "auto" ? `auto ${target === "auto"}` : `${listen.host} ${listen.port}`;

function urlOf(host: string, { address }: Front): string {
  const name = [loopback, "0.0.0.0", "::", "::1"].includes(host)
    ? "localhost"
    : host.includes(":")
      ? `[${host}]`
      : host;
  return `http://${name}:${address.port}`;
}

/** In a container an address is not that of the machine around it. */
export function howToReach({ host, front }: Open): string | undefined {
  const { port } = front.address;
  const publish = `docker run -p 127.0.0.1:${port}:${port}`;
  if (host === loopback || host === "::1")
    return `in a container only programs in here reach that; to open it outside: [proxy] listen = "0.0.0.0:${port}", and ${publish}`;
  return host === "0.0.0.0" || host === "::"
    ? `in a container: it is open on all addresses here; ${publish}`
    : undefined;
}

/** At its place in the configuration. */
export async function notOpened(
  error: unknown,
  { loaded, service, settings, inherited }: Pick<Opening, "loaded" | "service" | "settings" | "inherited">,
): Promise<Extract<Prepared<Problem>, { readonly ok: false }>> {
  const { problemOfKey: problemOf } = await import("../../config/check/complain.ts");
  const message = `proxy.listen: ${whyClosed(error, settings, inherited)}`;
  const effectives = loaded.services.get(service)?.effectives ?? loaded.effectives;
  const problem = await problemOf(effectives, { key: "proxy.listen", message });
  return { ok: false, faults: [{ ...problem, code: "session/proxy" }] };
}

function whyClosed(error: unknown, { listen }: ProxySettings, port: string | undefined): string {
  const where =
    listen !== "auto"
      ? `${listen.host}:${listen.port}`
      : port === undefined
        ? "a port of 3001 to 3999"
        : `PORT ${port}`;
  switch (systemCode(error)) {
    case "EADDRINUSE":
      return `${where}: somebody else listens there`;
    case "EACCES":
      return `${where}: not allowed${listen !== "auto" && listen.port < 1024 ? " (ports below 1024 are for root)" : ""}`;
    case "EADDRNOTAVAIL":
      return `${where}: this machine does not have that address`;
    default:
      return `${where}: ${reasonOf(error)}`;
  }
}
