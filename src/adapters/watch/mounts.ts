/** What is mounted where, as the kernel has it. A single file can be as well (`docker run -v ./app.js:/app/app.js`). */
import { readFileSync } from "node:fs";

export interface MountPoint {
  /** Of the mount: another one at the same place has another. */
  readonly id: string;
  /** Absolute. */
  readonly path: string;
  /** Another file has taken the place of the mounted one, which is all that can be seen here. */
  readonly isReplaced: boolean;
}

interface MountTable {
  readonly text: string;
  readonly points: readonly MountPoint[];
}

let last: MountTable = { text: "", points: [] };

/** As it is now; of several at one place the last is the one that is seen. */
export function mountTable(): MountTable {
  let text: string;
  try {
    text = readFileSync("/proc/self/mountinfo", "utf8");
  } catch {
    text = "";
  }
  if (text !== last.text) last = { text, points: text.split("\n").map(pointOf) };
  return last;
}

function pointOf(row: string): MountPoint {
  const [id = "", , , source = "", place = ""] = row.split(" ");
  // Spaces and the like are written in octal.
  const path = place.replace(/\\([0-7]{3})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 8)));
  return { id, path, isReplaced: source.endsWith("//deleted") };
}
