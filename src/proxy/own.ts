/** The two addresses that are the proxy's own: the script of pages, and the stream that it listens to. Nothing is ever read from disk. */
import type { ServerResponse } from "node:http";
import { script } from "./page/script.ts";
import { directory } from "./pages.ts";

export type OwnPath = "events" | "client.js";

/** Exactly these, beside whatever page asks for them. */
export function ownPath(url: string): OwnPath | undefined {
  const path = url.split("?", 1)[0] ?? "";
  if (path.endsWith(`/${directory}/events`)) return "events";
  return path.endsWith(`/${directory}/client.js`) ? "client.js" : undefined;
}

export function sendScript(response: ServerResponse): void {
  const bytes = Buffer.from(script);
  response.writeHead(200, {
    "Content-Type": "text/javascript; charset=utf-8",
    "Content-Length": bytes.length,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-site",
  });
  response.end(bytes);
}
