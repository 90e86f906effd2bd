/**
 * Who may ask: hosts that cannot be rebound by a foreign name server, and pages that come from such hosts. Parsed by a
 * strict pattern: `new URL("http://" + host)` throws on bad hosts and turns `localhost#evil` into localhost.
 */
import { isIP } from "node:net";

const pattern = /^(?:\[(?<six>[0-9a-f:.]+)\]|(?<name>[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?)\.?)(?::\d{1,5})?$/;

/** The host without its port, in lower case; `undefined` for what is not one. */
export function hostOf(text: string): string | undefined {
  const { six, name } = pattern.exec(text.toLowerCase())?.groups ?? {};
  if (six !== undefined) return isIP(six) === 6 ? six : undefined;
  if (name === undefined) return undefined;
  // `127.1` and `0x7f.1` are addresses to some programs: what looks like a number is one in the usual form, or nothing.
  return /^[\dx.]+$/.test(name) && isIP(name) !== 4 ? undefined : name;
}

/** `[proxy] allowed_hosts`: `example.test`, or `.example.test` with all below it. */
export function isAllowedHost(host: string, allowed: readonly string[]): boolean {
  if (host === "localhost" || host.endsWith(".localhost") || isIP(host) !== 0) return true;
  return allowed.some((entry) => {
    const wanted = entry.toLowerCase().replace(/\.$/, "");
    if (wanted.startsWith(".")) return host === wanted.slice(1) || host.endsWith(wanted);
    return host === (hostOf(wanted) ?? wanted);
  });
}

/**
 * Whether a page of this origin may open connections that no browser protects (WebSocket): pages of this machine, of the host that is
 * asked, and of `allowed`. `null` is foreign, and so is any other address, which may be anybody's; none at all is not a browser.
 */
export function isKnownOrigin(
  origin: string | undefined,
  { asked, allowed }: { readonly asked: string | undefined; readonly allowed: readonly string[] },
): boolean {
  if (origin === undefined) return true;
  const host = hostOf(/^[a-z][a-z0-9+.-]*:\/\/([^/]*)$/i.exec(origin)?.[1] ?? "");
  if (host === undefined) return false;
  if (host === hostOf(asked ?? "")) return true;
  return isIP(host) === 0 ? isAllowedHost(host, allowed) : isLoopback(host) || allowed.includes(host);
}

const isLoopback = (address: string): boolean => address === "::1" || /^127\./.test(address);
