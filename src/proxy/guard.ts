/** What is refused before anybody is asked. */
import type { IncomingMessage } from "node:http";
import type { RefusalAnswer } from "./answers.ts";
import { fieldOf, isOnce, joinedOf } from "./headers.ts";
import { hostOf, isAllowedHost, isKnownOrigin } from "./hosts.ts";

const hint = ": if it is yours, add its host to [proxy] allowed_hosts";

export const notAPath: RefusalAnswer = {
  status: 400,
  title: "Bad request",
  detail: "the target has to be a path: other hosts are not asked from here",
};

const notInChunks: RefusalAnswer = {
  status: 400,
  title: "Bad request",
  detail: "where the body ends cannot be told: a Transfer-Encoding has to end with chunked, and HTTP/1.0 has none",
};

export function faultOf(request: IncomingMessage, allowed: readonly string[]): RefusalAnswer | undefined {
  const { url = "", method, headers, rawHeaders } = request;
  if (!url.startsWith("/") && !(url === "*" && method === "OPTIONS")) {
    return notAPath;
  }
  const coding = joinedOf(rawHeaders, "transfer-encoding");
  if (coding !== undefined && (request.httpVersion === "1.0" || !/(?:^|,)\s*chunked\s*$/i.test(coding)))
    return notInChunks;
  // Only HTTP/1.0 gets this far without, and no browser speaks that.
  if (headers.host === undefined) return undefined;
  const name = isOnce(rawHeaders, "host") ? hostOf(headers.host) : undefined;
  if (name === undefined) return { status: 400, title: "Bad request", detail: "the Host field does not name one host" };
  if (isAllowedHost(name, allowed)) return undefined;
  return { status: 403, title: "Forbidden", detail: `the host ${name} is not known${hint}` };
}

/** A WebSocket is protected by no browser: whoever asks has to come from a page of a known host. */
export function offerFault(request: IncomingMessage, allowed: readonly string[]): RefusalAnswer | undefined {
  const faulty = faultOf(request, allowed);
  if (faulty !== undefined) return faulty;
  const asked = fieldOf(request.rawHeaders, "host");
  if (isKnownOrigin(fieldOf(request.rawHeaders, "origin"), { asked, allowed })) return undefined;
  return { status: 403, title: "Forbidden", detail: `pages of this origin may not connect${hint}` };
}

/** What is ours is for pages that come through here. */
export function ownFault(
  { method, rawHeaders }: IncomingMessage,
  allowed: readonly string[],
): RefusalAnswer | undefined {
  const asked = fieldOf(rawHeaders, "host");
  const isForeign =
    !isKnownOrigin(fieldOf(rawHeaders, "origin"), { asked, allowed }) ||
    fieldOf(rawHeaders, "sec-fetch-site") === "cross-site";
  if (isForeign) return { status: 403, title: "Forbidden", detail: `pages of other hosts may not ask${hint}` };
  if (method === "GET" || method === "HEAD") return undefined;
  return { status: 405, title: "Method not allowed", detail: "only GET and HEAD" };
}
