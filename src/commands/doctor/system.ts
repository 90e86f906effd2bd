/** What the system allows: inotify limits, and whether events come where the sources are. */
import { readdirSync, readFileSync, readlinkSync, rmSync, statfsSync, statSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pids } from "../../adapters/system/proc.ts";
import { silentFileSystem } from "../../adapters/watch/file-system.ts";
import type { WatchOptions } from "../../adapters/watch/watch.ts";
import { reasonOf } from "../../core/errors.ts";
import { type Finding, fine, slow, wrong } from "./finding.ts";

/** Of the user; in a container or another namespace of users there is a second limit, and the lower one holds. */
function limitOf(name: "watches" | "instances"): number | undefined {
  const limits = [`/proc/sys/fs/inotify/max_user_${name}`, `/proc/sys/user/max_inotify_${name}`].flatMap((file) => {
    try {
      return [Number(readFileSync(file, "utf8"))];
    } catch {
      return [];
    }
  });
  return limits.length === 0 ? undefined : Math.min(...limits);
}

/** How many of both this user's processes hold, as far as they can be seen. */
function inotifyInUse(): { watches: number; instances: number } {
  let watches = 0;
  let instances = 0;
  for (const pid of pids()) {
    let descriptors: string[];
    try {
      if (statSync(`/proc/${pid}`).uid !== process.getuid?.()) continue;
      descriptors = readdirSync(`/proc/${pid}/fd`);
    } catch {
      continue;
    }
    for (const descriptor of descriptors) {
      try {
        if (readlinkSync(`/proc/${pid}/fd/${descriptor}`) !== "anon_inode:inotify") continue;
        instances += 1;
        watches += readFileSync(`/proc/${pid}/fdinfo/${descriptor}`, "utf8").match(/^inotify wd:/gm)?.length ?? 0;
      } catch {
        // It was closed meanwhile.
      }
    }
  }
  return { watches, instances };
}

/** `needed`: one watch for each directory. `isRunning`: they are in use already. */
export function limitFindings(needed: number, isRunning: boolean): Finding[] {
  const limits = { watches: limitOf("watches"), instances: limitOf("instances") };
  if (limits.watches === undefined || limits.instances === undefined) return [];
  const used = inotifyInUse();
  const [watches, instances] = [limits.watches - used.watches, limits.instances - used.instances];
  const text = `inotify watches: ${used.watches} of ${limits.watches} in use; instances: ${used.instances} of ${limits.instances}`;
  if (!isRunning && needed > watches)
    return [
      wrong(
        "limits",
        `${text}; ${needed} more are needed, so that some directories would be polled`,
        "raise the limit: sudo sysctl fs.inotify.max_user_watches=524288",
      ),
    ];
  if (!isRunning && instances < 1)
    return [
      wrong("limits", `${text}: none is left`, "raise the limit: sudo sysctl fs.inotify.max_user_instances=1024"),
    ];
  return [fine("limits", text)];
}

/** The magic number of overlayfs. */
const overlay = 0x794c7630;

/** How long an event may take, in milliseconds. */
const probeMs = 2_000;

const isOutOfWatches = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "ENOSPC" || error.code === "EMFILE");

export const isPollAsked = ({ poll }: Pick<WatchOptions, "poll">): boolean => poll === true || typeof poll === "number";

const noEvent = "no event came within";

/** What looks for changes by itself where it would be told of them costs time and battery. */
export function pollFindings({ trees }: Pick<WatchOptions, "trees">, roots: readonly Finding[]): Finding[] {
  const isNeeded = roots.some(({ text }) => text.includes(noEvent));
  if (isNeeded || trees.some(({ base }) => silentFileSystem(base) !== undefined)) return [];
  return [
    slow(
      "file system",
      "[watch] poll has every file looked at again and again, and the file system tells of changes by itself",
      'take it out, or set poll = "auto": it is polled where it has to be',
    ),
  ];
}

/** A file is written and removed; its name is one that every editor's backups have, so that nobody restarts for it. */
export async function rootFinding(base: string, isPolled: boolean): Promise<Finding> {
  if (statSync(base, { throwIfNoEntry: false })?.isDirectory() !== true) {
    return statSync(base, { throwIfNoEntry: false }) === undefined
      ? slow("file system", `${base} is not there`, "it is watched as soon as it is; else take it out of include_dirs")
      : fine("file system", `${base} is a single file`);
  }
  const name = silentFileSystem(base);
  if (name !== undefined)
    return slow(
      "file system",
      `${base} is on ${name}, which does not tell of changes made elsewhere: it is polled`,
      "keep the sources on a local file system (in WSL: below /home), or set [watch] poll to the interval that you want",
    );
  const magic = statfsSync(base).type >>> 0;
  const type = `0x${magic.toString(16)}`;
  const more =
    magic === overlay ? "; it is an overlay: what is changed beneath it, outside of the container, is not seen" : "";
  const probe = join(base, `.reload-doctor-${process.pid}~`);
  const began = performance.now();
  try {
    const isSeen = await new Promise<boolean>((resolve, reject) => {
      const watcher = watch(base, () => {
        clearTimeout(limit);
        watcher.close();
        resolve(true);
      });
      const limit = setTimeout(() => {
        watcher.close();
        resolve(false);
      }, probeMs);
      watcher.on("error", reject);
      writeFileSync(probe, "");
    });
    const took = Math.round(performance.now() - began);
    if (isSeen) return fine("file system", `${base} (type ${type}): an event came after ${took} ms${more}`);
    const text = `${base} (type ${type}): ${noEvent} ${probeMs / 1_000} s`;
    return isPolled
      ? fine("file system", `${text}, and it is polled`)
      : wrong("file system", text, "set [watch] poll = true");
  } catch (error) {
    return slow(
      "file system",
      `${base}: events could not be tried: ${reasonOf(error)}`,
      isOutOfWatches(error) ? "raise the limit that is named above" : "nothing, if it is read-only on purpose",
    );
  } finally {
    rmSync(probe, { force: true });
  }
}
