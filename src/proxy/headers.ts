/** Header fields as they stood on the wire: a flat list of names and values, order, case and duplicates kept. */

/** Meant for the next machine alone (RFC 9110, 7.6.1). `Trailer` is not: it announces what is passed on. */
const hopByHop = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
]);

export function* pairsOf(raw: readonly string[]): Generator<readonly [name: string, value: string]> {
  for (let at = 0; at + 1 < raw.length; at += 2) yield [raw[at] ?? "", raw[at + 1] ?? ""];
}

/** How a message is to be read and for whom it is: a `Connection` that lists one of these means to deceive somebody. */
const neverListed = new Set(["content-length", "host", "transfer-encoding"]);

export function fieldOf(raw: readonly string[], wanted: string): string | undefined {
  for (const [name, value] of pairsOf(raw)) if (name.toLowerCase() === wanted) return value;
  return undefined;
}

/** Without what is meant for one hop, what `Connection` lists, and the fields named in `also`. */
export function withoutHop(raw: readonly string[], also: ReadonlySet<string> = new Set()): string[] {
  const listed = new Set<string>();
  for (const [name, value] of pairsOf(raw)) {
    if (name.toLowerCase() !== "connection") continue;
    for (const word of value.split(",")) listed.add(word.trim().toLowerCase());
  }
  for (const name of neverListed) listed.delete(name);
  const kept: string[] = [];
  for (const [name, value] of pairsOf(raw)) {
    const lower = name.toLowerCase();
    if (!hopByHop.has(lower) && !listed.has(lower) && !also.has(lower)) kept.push(name, value);
  }
  return kept;
}

interface Sender {
  readonly address: string | undefined;
  readonly isEncrypted: boolean;
}

/** `X-Forwarded-*` as reverse proxies set them: the sender joins the list, the first proxy's host and scheme stay. */
function forwarded(raw: readonly string[], { address, isEncrypted }: Sender): string[] {
  const list = [...pairsOf(raw)].filter(([name]) => name.toLowerCase() === "x-forwarded-for").map(([, value]) => value);
  const kept = [...pairsOf(raw)].filter(([name]) => name.toLowerCase() !== "x-forwarded-for").flat();
  if (address !== undefined) list.push(address.replace(/^::ffff:/, ""));
  if (list.length > 0) kept.push("X-Forwarded-For", list.join(", "));
  const host = fieldOf(raw, "host");
  if (host !== undefined && fieldOf(raw, "x-forwarded-host") === undefined) kept.push("X-Forwarded-Host", host);
  if (fieldOf(raw, "x-forwarded-proto") === undefined) kept.push("X-Forwarded-Proto", isEncrypted ? "https" : "http");
  return kept;
}

const waits = "reload-wait";

/** What programs ask of the proxy itself: the application does not see it. */
export interface AskedOfProxy {
  /** `Reload-Wait: 1`, as a header or a cookie. */
  readonly isToWait: boolean;
  /** `Reload-Run: ?` */
  readonly wantsRun: boolean;
  readonly rest: string[];
}

export function askedOf(raw: readonly string[]): AskedOfProxy {
  let isToWait = false;
  let wantsRun = false;
  const rest: string[] = [];
  for (const [name, value] of pairsOf(raw)) {
    switch (name.toLowerCase()) {
      case waits:
        isToWait ||= value.trim() === "1";
        break;
      case "reload-run":
        wantsRun ||= value.trim() === "?";
        break;
      case "cookie": {
        const cookies = value.split(/;\s*/);
        const others = cookies.filter((cookie) => !/^reload-wait=/i.test(cookie));
        isToWait ||= cookies.some((cookie) => /^reload-wait=1$/i.test(cookie));
        if (others.length === cookies.length) rest.push(name, value);
        else if (others.length > 0) rest.push(name, others.join("; "));
        break;
      }
      default:
        rest.push(name, value);
    }
  }
  return { isToWait, wantsRun, rest };
}

/** A request without a length and without chunks has no body (RFC 9112, 6.3). */
export const hasBody = (raw: readonly string[]): boolean =>
  [...pairsOf(raw)].some(([name, value]) => {
    const lower = name.toLowerCase();
    return lower === "transfer-encoding" || (lower === "content-length" && Number(value) > 0);
  });

/** The fields as the run gets them. Chunks stay chunks, and a body that may have been meant and is empty says so. */
export function outgoing(raw: readonly string[], method: string, sender: Sender): string[] {
  const fields = forwarded(withoutHop(raw), sender);
  // A client of HTTP/1.0 may have named none, and the run is spoken to in HTTP/1.1.
  if (fieldOf(raw, "host") === undefined) fields.push("Host", "localhost");
  // As Go's own proxy does: it says that trailers are understood, which they are all the way.
  if (/\btrailers\b/i.test(fieldOf(raw, "te") ?? "")) fields.push("TE", "trailers");
  const coding = fieldOf(raw, "transfer-encoding");
  if (coding !== undefined) fields.push("Transfer-Encoding", coding);
  else if (["POST", "PUT", "PATCH"].includes(method) && fieldOf(raw, "content-length") === undefined)
    fields.push("Content-Length", "0");
  return fields;
}
