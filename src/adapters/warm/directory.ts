/** The private directory of a `reload` that keeps programs warm: what is in it is executed. */
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemCode } from "../../core/errors.ts";

/** Numbers of processes mean something only among those that count alike: a container may share the directory with others. */
function countedBy(): string {
  try {
    return readlinkSync("/proc/self/ns/pid").replaceAll(/\D/g, "");
  } catch {
    return "0";
  }
}

/** Removes besides what a `reload` left that was killed. */
export function makeWarmDirectory(above = tmpdir()): string {
  const prefix = `reload-warm-${countedBy()}-`;
  for (const name of readdirSync(above)) {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length).split("-")[0]) : 0;
    if (!Number.isInteger(pid) || pid < 1 || isThere(pid)) continue;
    try {
      rmSync(join(above, name), { recursive: true, force: true });
    } catch {
      // Somebody else's.
    }
  }
  return mkdtempSync(join(above, `${prefix}${process.pid}-`));
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) !== "ESRCH";
  }
}
