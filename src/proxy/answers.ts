/** What the proxy answers by itself: why there is no answer of the application, in the form that the asker can read. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { fieldOf } from "./headers.ts";

export interface RefusalAnswer {
  readonly status: number;
  readonly title: string;
  /** Plain text. */
  readonly detail: string;
  /** In seconds; absent where it is of no use to ask again. */
  readonly retryAfter?: number;
  /** More for programs, as further members of the problem (RFC 9457). */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** Somebody looks at a page that is being opened: not an image of it, nor a request of its script. */
export function isNavigation({ method, rawHeaders }: IncomingMessage): boolean {
  if (method !== "GET" && method !== "HEAD") return false;
  return isForPage(rawHeaders) ?? /\btext\/html\b/i.test(fieldOf(rawHeaders, "accept") ?? "");
}

/** Whether a browser is to show the answer as a page; `undefined` where nobody says. A service worker that passes it on says so by the mode alone. */
export function isForPage(raw: readonly string[]): boolean | undefined {
  const destination = fieldOf(raw, "sec-fetch-dest");
  if (destination === undefined) return undefined;
  if (destination === "empty") return fieldOf(raw, "sec-fetch-mode") === "navigate";
  return ["document", "iframe", "frame"].includes(destination);
}

/** `script`: what makes a page load again by itself once somebody serves it. */
export function sendRefusal(
  request: IncomingMessage,
  response: ServerResponse,
  refusal: RefusalAnswer,
  script: string,
): void {
  if (response.headersSent || response.destroyed) return;
  const { status, title, detail, retryAfter, members } = refusal;
  const kind = members !== undefined ? "json" : kindOf(request);
  const [type, body] =
    kind === "html"
      ? ["text/html; charset=utf-8", page(title, detail, script)]
      : kind === "json"
        ? ["application/problem+json", problem(refusal)]
        : ["text/plain; charset=utf-8", `${title}: ${detail}\n`];
  const bytes = Buffer.from(body);
  response.writeHead(status, {
    "Content-Type": type,
    "Content-Length": bytes.length,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    ...(retryAfter === undefined ? {} : { "Retry-After": String(retryAfter) }),
    // The rest of a body that is not read cannot be told from the next request.
    ...(request.readableEnded || request.complete ? {} : { Connection: "close" }),
  });
  response.end(request.method === "HEAD" ? undefined : bytes);
}

function kindOf(request: IncomingMessage): "html" | "json" | "text" {
  if (isNavigation(request)) return "html";
  return /\bapplication\/(?:[a-z.+-]*\+)?json\b/i.test(fieldOf(request.rawHeaders, "accept") ?? "") ? "json" : "text";
}

/** For programs: what is told to them is more than a text. */
const problem = ({ title, status, detail, members }: RefusalAnswer): string =>
  `${JSON.stringify({ title, status, detail, ...members })}\n`;

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

const page = (title: string, detail: string, script: string): string => `<!doctype html>
<html lang="en"><head>${script}<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title></head>
<body style="font: 16px/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 44rem; padding: 0 1rem"><h1 style="font-size: 1.25rem">${escaped(title)}</h1><pre style="white-space: pre-wrap; font: 14px/1.5 ui-monospace, monospace">${escaped(detail)}</pre><p>This page loads again by itself.</p></body></html>
`;

/** To a connection that no response belongs to. */
export function say(socket: Duplex, refusal: RefusalAnswer): void {
  if (socket.destroyed) return;
  const { status, title, detail, retryAfter, members } = refusal;
  const [type, body] =
    members === undefined
      ? ["text/plain; charset=utf-8", `${title}: ${detail}\n`]
      : ["application/problem+json", problem(refusal)];
  const again = retryAfter === undefined ? "" : `Retry-After: ${retryAfter}\r\n`;
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nContent-Type: ${type}\r\n${again}Connection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
