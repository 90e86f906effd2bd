/** Texts that a configuration comes from, and places in them. */
import { isUtf8 } from "node:buffer";
import { readFileSync, statSync } from "node:fs";
import { reasonOf, systemCode } from "../../core/errors.ts";
import type { Place, Problem } from "../../core/problem.ts";

export interface SourceText {
  /** Absolute. */
  readonly path: string;
  /** As the user would name it. */
  readonly name: string;
  readonly text: string;
}

/** A file as it is on disk: its text, that it is not there, or why it cannot be read. */
export type Read =
  | { readonly is: "text"; readonly text: string }
  | { readonly is: "missing" }
  | {
      readonly is: "unreadable";
      readonly reason: string;
      readonly at?: Omit<Place, "file">;
      /** The text that could be read last. */
      readonly last?: string;
    };

/** More is not a configuration, and reading it would hold everything up. */
const largestBytes = 1_000_000;

/** Never throws. */
export function readText(path: string): Read {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) return { is: "unreadable", reason: "is a directory" };
    if (!stat.isFile()) return { is: "unreadable", reason: "is not a regular file" };
    if (stat.size > largestBytes) return { is: "unreadable", reason: "is larger than 1 MB" };
    const bytes = readFileSync(path);
    if (isUtf8(bytes)) return { is: "text", text: bytes.toString("utf8").replace(/^\ufeff/, "") };
    return { is: "unreadable", reason: "is not UTF-8", at: firstBad(bytes) };
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return { is: "missing" };
    return { is: "unreadable", reason: `cannot be read: ${reasonOf(error)}` };
  }
}

/** The first character that is none, in its line. */
function firstBad(bytes: Buffer): Omit<Place, "file"> {
  let line = 1;
  for (let start = 0; start < bytes.length; line += 1) {
    const newline = bytes.indexOf(10, start);
    const end = newline < 0 ? bytes.length : newline;
    const own = bytes.subarray(start, end);
    if (!isUtf8(own)) {
      const text = own.toString("utf8").replace(/\r$/, "");
      return { line, column: text.indexOf("\ufffd") + 1, length: 1, text };
    }
    start = end + 1;
  }
  return { line, column: 1, length: 1, text: "" };
}

/** What `readText` could not read, for the user. */
export function unreadable(name: string, read: Exclude<Read, { is: "text" }>): Problem {
  if (read.is === "missing")
    return { code: "config/unreadable", severity: "error", origin: name, message: "no such file" };
  const message = read.reason;
  if (read.at === undefined) return { code: "config/unreadable", severity: "error", origin: name, message };
  return { code: "config/unreadable", severity: "error", message, place: { file: name, ...read.at } };
}

/** @param line 1-based; @param column 1-based, in UTF-16 code units. What lies outside of the text is moved to its edge. */
export function placeAt(source: SourceText, line: number, column: number, length = 1): Place {
  const lines = source.text.split(/\r?\n/);
  const row = Math.min(Math.max(1, line), lines.length);
  const text = lines[row - 1] ?? "";
  const start = Math.min(Math.max(1, column), text.length + 1);
  return {
    file: source.name,
    line: row,
    column: start,
    length: Math.max(1, Math.min(length, text.length + 1 - start)),
    text,
  };
}
