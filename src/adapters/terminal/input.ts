/** What `reload` itself was given to read. */
import { fstatSync, statSync } from "node:fs";

/** There is none (`/dev/null`, as for a job in the background, in a container, under CI; or closed). */
export function isInputEmpty(): boolean {
  if (process.platform === "win32") return false;
  try {
    const input = fstatSync(0);
    return input.isCharacterDevice() && input.rdev === statSync("/dev/null").rdev;
  } catch {
    return true;
  }
}
