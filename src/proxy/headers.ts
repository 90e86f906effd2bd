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

// What every request passes goes by index: a pair made for each field would be most of what the proxy allocates.

/** `wanted` is in lower case. */
export function fieldOf(raw: readonly string[], wanted: string): string | undefined {
  for (let at = 0; at + 1 < raw.length; at += 2) if (isNamed(raw[at], wanted)) return raw[at + 1];
  return undefined;
}

/** All fields of one name as one (RFC 9110, 5.3). `wanted` is in lower case. */
export function joinedOf(raw: readonly string[], wanted: string): string | undefined {
  let joined: string | undefined;
  for (let at = 0; at + 1 < raw.length; at += 2)
    if (isNamed(raw[at], wanted)) joined = joined === undefined ? raw[at + 1] : `${joined}, ${raw[at + 1]}`;
  return joined;
}

const isNamed = (name: string | undefined, wanted: string): boolean =>
  name !== undefined && name.length === wanted.length && name.toLowerCase() === wanted;

/** `wanted` is in lower case. */
export function isOnce(raw: readonly string[], wanted: string): boolean {
  let count = 0;
  for (let at = 0; at + 1 < raw.length; at += 2) if (isNamed(raw[at], wanted)) count += 1;
  return count === 1;
}

const nothing: ReadonlySet<string> = new Set();

/** Without what is meant for one hop, what `Connection` lists, and the fields named in `also`. */
export function withoutHop(raw: readonly string[], also: ReadonlySet<string> = nothing): string[] {
  const listed = listedIn(raw);
  const kept: string[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? "";
    const lower = name.toLowerCase();
    if (!hopByHop.has(lower) && !listed.has(lower) && !also.has(lower)) kept.push(name, raw[at + 1] ?? "");
  }
  return kept;
}

function listedIn(raw: readonly string[]): ReadonlySet<string> {
  let listed: Set<string> | undefined;
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const value = raw[at + 1] ?? "";
    if (!isNamed(raw[at], "connection") || hopByHop.has(value.toLowerCase())) continue;
    listed ??= new Set();
    for (const word of value.split(",")) listed.add(word.trim().toLowerCase());
  }
  for (const name of neverListed) listed?.delete(name);
  return listed ?? nothing;
}

interface Sender {
  readonly address: string | undefined;
  readonly isEncrypted: boolean;
}

/** `X-Forwarded-*` as reverse proxies set them: the sender joins the list, the first proxy's host and scheme stay. */
function forwarded(raw: readonly string[], { address, isEncrypted }: Sender): string[] {
  const list: string[] = [];
  const kept: string[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? "";
    const value = raw[at + 1] ?? "";
    if (isNamed(name, "x-forwarded-for")) list.push(value);
    else kept.push(name, value);
  }
  if (address !== undefined) list.push(address.replace(/^::ffff:/, ""));
  if (list.length > 0) kept.push("X-Forwarded-For", list.join(", "));
  const host = fieldOf(raw, "host");
  if (host !== undefined && fieldOf(raw, "x-forwarded-host") === undefined) kept.push("X-Forwarded-Host", host);
  if (fieldOf(raw, "x-forwarded-proto") === undefined) kept.push("X-Forwarded-Proto", isEncrypted ? "https" : "http");
  return kept;
}

/** Only chunks carry trailers, and Node sends no `Trailer` without them. */
export const unannounced = (fields: string[]): string[] =>
  fieldOf(fields, "trailer") === undefined ? fields : withoutHop(fields, new Set(["trailer"]));

/** How the body of an answer is packed on the wire, beside its chunks: the bytes are passed on as they are, so it is said of them. */
export function codingOf(raw: readonly string[]): readonly string[] {
  const coding = joinedOf(raw, "transfer-encoding");
  return coding === undefined || /^\s*(?:chunked|identity)\s*$/i.test(coding) ? [] : ["Transfer-Encoding", coding];
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
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? "";
    const value = raw[at + 1] ?? "";
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
  fieldOf(raw, "transfer-encoding") !== undefined || Number(fieldOf(raw, "content-length") ?? 0) > 0;

/** The fields as the run gets them. Chunks stay chunks, and a body that may have been meant and is empty says so. */
export function outgoing(raw: readonly string[], method: string, sender: Sender): string[] {
  const fields = forwarded(withoutHop(raw), sender);
  // A client of HTTP/1.0 may have named none, and the run is spoken to in HTTP/1.1.
  if (fieldOf(raw, "host") === undefined) fields.push("Host", "localhost");
  // As Go's own proxy does: it says that trailers are understood, which they are all the way.
  const understood = fieldOf(raw, "te");
  if (understood !== undefined && /\btrailers\b/i.test(understood)) fields.push("TE", "trailers");
  const coding = joinedOf(raw, "transfer-encoding");
  if (coding === undefined) {
    if (["POST", "PUT", "PATCH"].includes(method) && fieldOf(raw, "content-length") === undefined)
      fields.push("Content-Length", "0");
    return unannounced(fields);
  }
  fields.push("Transfer-Encoding", coding);
  return fields;
}
