/**
 * Where `reload` keeps what another one must find: a private directory that depends on the user alone. `TMPDIR` and `XDG_RUNTIME_DIR`
 * differ from shell to shell of one user, and the latter is taken away when its last session ends.
 */
import { accessSync, constants, lstatSync, mkdirSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { reasonOf, systemCode } from "../../core/errors.ts";

/** The first of them that can be had is it; each is asked for only when it is its turn. */
export function* stateDirectories(): Generator<string> {
  if (process.platform === "win32") {
    yield join(userInfo().homedir, "AppData", "Local", "reload");
    return;
  }
  const name = `reload-${process.getuid?.() ?? "user"}`;
  yield join("/tmp", name);
  yield join("/var/tmp", name);
  // From the system's list of users, not from HOME.
  yield join(userInfo().homedir, ".reload");
}

/** This user's own, and nobody else can enter it; throws where there is none to be had. */
export function stateDirectory(candidates: Iterable<string> = stateDirectories()): string {
  const refused: string[] = [];
  try {
    for (const directory of candidates) {
      const why = refusalOf(directory);
      if (why === undefined) return directory;
      refused.push(why);
    }
  } catch (error) {
    // A user who is in no list has no home.
    refused.push(reasonOf(error));
  }
  throw new Error(refused.join(", "));
}

/** Makes it if it is missing. @returns why it is not to be used */
function refusalOf(directory: string): string | undefined {
  try {
    // Not `recursive`: what it lies in exists, and where it does not Node may try for ever (in /proc, for one).
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    if (systemCode(error) !== "EEXIST") return `${directory} cannot be made: ${reasonOf(error)}`;
  }
  try {
    // Of the name itself: a link into some other directory of ours would pass else.
    const stats = lstatSync(directory);
    const isOwn = process.platform === "win32" || (stats.uid === process.getuid?.() && (stats.mode & 0o077) === 0);
    if (!stats.isDirectory() || !isOwn) return `${directory} belongs to somebody else or can be entered by others`;
    if ((stats.mode & 0o700) !== 0o700) return `${directory} cannot be written to (chmod 700)`;
    accessSync(directory, constants.W_OK);
    return undefined;
  } catch (error) {
    return `${directory} cannot be used: ${reasonOf(error)}`;
  }
}
