/**
 * Files in which what runs keeps its number (`app.pid`, `{"pid": 812}`): nobody else knows it when it has just been given, so they are
 * not the user's work. Without `/proc` that is not known.
 */
import { readFileSync, type Stats } from "node:fs";
import { basename } from "node:path";
import { isEnded, statOf } from "./proc.ts";
import { isSourceName } from "./source-names.ts";

const longestText = 4_096;
/** In a container processes have numbers as people write them into files of their own (`7`): below this one something must say what it is. */
const firstUnlikely = 1_000;

/** @param leaders of what was started and may live */
export function isPidFile({ size }: Stats, path: string, leaders: () => readonly number[]): boolean {
  if (size === 0 || size > longestText || isSourceName(path)) return false;
  const named = numberIn(textOf(path), /pid/i.test(basename(path)));
  return named !== undefined && isOf(named, leaders());
}

/** All of the text, or beside the word. */
function numberIn(text: string, isNamedSo: boolean): number | undefined {
  const alone = /^\s*(\d{1,7})\s*$/.exec(text)?.[1];
  if (alone !== undefined) return isNamedSo || Number(alone) >= firstUnlikely ? Number(alone) : undefined;
  const found = /\bpid["']?\s*[:=]\s*["']?(\d{1,7})\b/i.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    // It is gone, or is not for us.
    return "";
  }
}

/** A child of a child as well, and what has been left by its parents in the session that we made. */
function isOf(pid: number, leaders: readonly number[]): boolean {
  let stat = statOf(pid);
  if (isEnded(stat)) return false;
  for (; stat !== undefined && stat.pid > 1; stat = statOf(stat.parent))
    if (leaders.some((leader) => stat?.pid === leader || stat?.session === leader)) return true;
  return false;
}
