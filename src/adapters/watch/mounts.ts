/** Single files that are mounted (`docker run -v ./app.js:/app/app.js`): what is written to them elsewhere brings no event to their directory. */
import { readFileSync } from "node:fs";
import { sep } from "node:path";
import { statOfPath } from "./stat.ts";

export interface MountPoint {
  /** Absolute. */
  readonly path: string;
  /** Another file has taken the place of the mounted one, which is all that can be seen here. */
  readonly isReplaced: boolean;
}

/** Those below a directory, as the mount table has them now. */
export function mountedFiles(base: string): MountPoint[] {
  const below = base.endsWith(sep) ? base : base + sep;
  return mountPoints().filter(({ path }) => path.startsWith(below) && statOfPath(path)?.isFile() === true);
}

function mountPoints(): MountPoint[] {
  let table: string;
  try {
    table = readFileSync("/proc/self/mountinfo", "utf8");
  } catch {
    return [];
  }
  return table.split("\n").map((row) => {
    const [, , , source = "", place = ""] = row.split(" ");
    // Spaces and the like are written in octal.
    const path = place.replace(/\\([0-7]{3})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 8)));
    return { path, isReplaced: source.endsWith("//deleted") };
  });
}
