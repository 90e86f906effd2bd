/** Single files that are mounted (`docker run -v ./app.js:/app/app.js`): what is written to them elsewhere brings no event to their directory. */
import { readFileSync } from "node:fs";
import { sep } from "node:path";
import { statOf } from "./stat.ts";

/** Absolute paths of those below a directory, as the mount table has them now. */
export function mountedFiles(base: string): string[] {
  const below = base.endsWith(sep) ? base : base + sep;
  return mountPoints().filter((path) => path.startsWith(below) && statOf(path)?.isFile() === true);
}

function mountPoints(): string[] {
  let table: string;
  try {
    table = readFileSync("/proc/self/mountinfo", "utf8");
  } catch {
    return [];
  }
  // Spaces and the like are written in octal.
  return table
    .split("\n")
    .map((row) =>
      (row.split(" ")[4] ?? "").replace(/\\([0-7]{3})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 8))),
    );
}
