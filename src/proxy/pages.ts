/** Pages get the script for the browser: which answers are pages, how they are opened, and what must go with it. */
import type { IncomingMessage } from "node:http";
import type { Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { isForPage } from "./answers.ts";
import type { HeadEdit } from "./exchange.ts";
import { fieldOf, pairsOf } from "./headers.ts";
import { inject, maxLookAheadBytes } from "./inject.ts";
import { metaPolicies, nonceOf, obstacle, policiesOf } from "./policy.ts";
import { readPrologue } from "./prologue.ts";

export const directory = "__reload";

/** They describe the bytes of the application, which a page with a script no longer has. */
const stale = [
  "content-length",
  "etag",
  "last-modified",
  "accept-ranges",
  "digest",
  "content-digest",
  "repr-digest",
  "content-md5",
];

const openers: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** Beside the page that loads it, so that whatever path a proxy in front adds or takes away is added and taken away here as well. */
export const scriptTag = (id: string, version: number, nonce?: string): string =>
  `<script src="${directory}/client.js?id=${id}&amp;page=${version}"${nonce === undefined ? "" : ` nonce="${nonce}"`}></script>`;

/** A page is asked for in a form that can be read: what no one here can decode (`zstd`) is not offered. */
export function readable(raw: readonly string[]): readonly string[] {
  return [...pairsOf(raw)].flatMap(([name, value]) => {
    if (name.toLowerCase() !== "accept-encoding") return [name, value];
    const known = value.split(",").filter((part) => /^\s*(?:(?:x-)?gzip|deflate|br|identity)\s*(?:;|$)/i.test(part));
    return [name, known.length === 0 ? "identity" : known.map((part) => part.trim()).join(", ")];
  });
}

export interface PageParts {
  readonly id: string;
  readonly version: number;
  /** The host that was asked for, with its port. */
  readonly host: string;
  warn(text: string): void;
}

export function editOf(request: IncomingMessage, answer: IncomingMessage, parts: PageParts): HeadEdit | undefined {
  if (!isPage(request, answer)) return undefined;
  const encoding = (fieldOf(answer.rawHeaders, "content-encoding") ?? "identity").trim().toLowerCase();
  const opener = encoding === "identity" ? undefined : openers[encoding];
  if (encoding !== "identity" && opener === undefined) {
    parts.warn(`pages come as ${encoding}, which cannot be read here: no live reload in them`);
    return undefined;
  }
  const policies = policiesOf(
    [...pairsOf(answer.rawHeaders)]
      .filter(([name]) => name.toLowerCase() === "content-security-policy")
      .map(([, value]) => value),
  );
  const warnOf = (all: readonly string[]): void => {
    const directive = obstacle(all, parts.host);
    if (directive !== undefined)
      parts.warn(`live reload is kept out of pages by their Content-Security-Policy: ${directive}`);
  };
  warnOf(policies);
  const script = scriptTag(parts.id, parts.version, nonceOf(policies));
  const body = [inject({ script, seen: (start) => warnOf(metaPolicies(start)) })];
  return {
    isWanted: (start, isEnd) => isWhole(start, isEnd, opener),
    without: new Set(opener === undefined ? stale : [...stale, "content-encoding"]),
    body: opener === undefined ? body : [opener(), ...body],
  };
}

/** A page, and not a fragment of one. */
async function isWhole(
  start: Buffer,
  isEnd: boolean,
  opener: (() => Transform) | undefined,
): Promise<boolean | undefined> {
  const plain = opener === undefined ? start : await opened(start, opener());
  const head = plain.subarray(0, maxLookAheadBytes).toString("latin1");
  const prologue = readPrologue(head, isEnd || plain.length >= maxLookAheadBytes);
  return prologue.is === "open" ? undefined : prologue.is === "page";
}

/** What the first bytes of something compressed come to, as far as they go. */
const opened = (start: Buffer, opener: Transform): Promise<Buffer> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const end = (): void => resolve(Buffer.concat(chunks));
    opener.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      // A few bytes can be made to stand for gigabytes.
      if (length >= maxLookAheadBytes) opener.destroy();
    });
    opener.on("close", end);
    // The rest is missing, so it ends with an error: what came before that counts.
    opener.on("error", end).on("end", end);
    opener.end(start);
  });

function isPage(request: IncomingMessage, answer: IncomingMessage): boolean {
  const status = answer.statusCode ?? 0;
  if (request.method === "HEAD" || status < 200 || [204, 205, 206, 304].includes(status)) return false;
  const type = fieldOf(answer.rawHeaders, "content-type") ?? "";
  if (
    !/^\s*(?:text\/html|application\/xhtml\+xml)\s*(?:;|$)/i.test(type) ||
    /charset\s*=\s*"?utf-(?:16|32)/i.test(type)
  )
    return false;
  if (/^\s*attachment\b/i.test(fieldOf(answer.rawHeaders, "content-disposition") ?? "")) return false;
  // Fragments for a page that is there already.
  const asks = (name: string): boolean => fieldOf(request.rawHeaders, name) !== undefined;
  if (asks("hx-request") || asks("datastar-request")) return false;
  return isForPage(request.rawHeaders) ?? true;
}
