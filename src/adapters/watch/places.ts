/** Where the watches are: the source in use, and polling for what it cannot do, with one line that says so. */
import type { Problem } from "../../core/problem.ts";
import { needDescriptors } from "../system/descriptors.ts";
import { traced } from "../system/recorders.ts";
import type { Branch } from "./branch.ts";
import type { Directory } from "./directory.ts";
import { silentFileSystem } from "./file-system.ts";
import { type Hint, type HintSource, isRefused, type Placed } from "./hints.ts";
import { createChokidarSource } from "./sources/chokidar.ts";
import { createNativeSource } from "./sources/native.ts";
import { createPollSource } from "./sources/poll.ts";
import type { WatchOptions } from "./types.ts";

export interface Places {
  readonly source: HintSource["name"];
  /** A new watch on the directory, before the old one is closed. */
  place(branch: Branch, directory: Directory): void;
  /** Hints about a directory outside of the trees. */
  placeAt(path: string, hint: Hint): Placed | undefined;
  /** When all watches are in place. */
  ready(): Promise<void>;
  /** Says once what had to be polled instead. */
  explain(directories: number): void;
  /** @returns whether the source is another one now, so that everything has to be placed anew */
  use(options: WatchOptions): boolean;
  close(): Promise<void>;
}

type Polling = Pick<WatchOptions, "poll" | "backend">;

export function createPlaces(
  given: Polling,
  spentMs: () => number,
  hint: (branch: Branch, directory: Directory, name: string | undefined, isStructural: boolean) => void,
  warn: (problem: Problem) => void,
): Places {
  let options = given;
  let source = sourceFor(options, spentMs);
  let fallback: HintSource | undefined;
  /** By device number: the name of its file system if that has to be polled. */
  const silent = new Map<number, string | undefined>();
  const refused = { count: 0, code: "", isTold: false };
  let isExplained = false;

  const polled = (): HintSource => {
    fallback ??= createPollSource(typeof options.poll === "number" ? options.poll : undefined, spentMs);
    return fallback;
  };

  const tracing = traced();
  let isTracingTold = false;

  /** `strace -o` into a watched directory: the event of each line is read, which is the next line, and nothing else is done any more. */
  const isTraced = ({ device, inode, absolute }: Directory): boolean => {
    if (tracing?.into.has(`${device}:${inode}`) !== true) return false;
    if (!isTracingTold) {
      isTracingTold = true;
      warn({
        code: "watch/limited",
        severity: "warning",
        message: `${tracing.by} writes into ${absolute}, and each event there is a further line: polling`,
        hint: "let it write outside of what is watched: strace -o /tmp/trace.txt",
      });
    }
    return true;
  };

  const isSilent = (directory: Directory): boolean => {
    if (options.poll !== "auto") return false;
    if (isTraced(directory)) return true;
    if (!silent.has(directory.device)) {
      const name = silentFileSystem(directory.absolute);
      silent.set(directory.device, name);
      if (name !== undefined) {
        warn({
          code: "watch/limited",
          severity: "warning",
          message: `${directory.absolute} is on ${name}, which does not report every change: polling`,
          hint: "[watch] poll = false turns polling off",
        });
      }
    }
    return silent.get(directory.device) !== undefined;
  };

  const count = (code: string): void => {
    refused.count++;
    refused.code = code;
    if (isExplained) explain(0);
  };

  const explain = (directories: number): void => {
    isExplained = true;
    if (refused.count === 0 || refused.isTold) return;
    refused.isTold = true;
    warn(limitReached(refused.code, refused.count, directories, options.poll !== false));
  };

  return {
    get source() {
      return source.name;
    },
    place(branch, directory) {
      const before = directory.placed;
      const tellHint = (name: string | undefined, isStructural: boolean): void =>
        hint(branch, directory, name, isStructural);
      const into = isSilent(directory) ? polled() : source;
      if (!into.replacesInPlace) before?.close();
      const poll = (): Placed | undefined => {
        if (options.poll === false) return undefined;
        const answer = polled().place(directory.absolute, tellHint, () => {});
        return isRefused(answer) ? undefined : answer;
      };
      const answer = into.place(directory.absolute, tellHint, (code) => {
        if (directory.isGone || directory.placed !== answer) return;
        if (!isLimit(code) && code !== "UNSUPPORTED") return tellHint(undefined, true);
        if (isLimit(code)) count(code);
        directory.placed = poll();
        if (!isRefused(answer)) answer.close();
      });
      if (!isRefused(answer)) directory.placed = answer;
      else if (isLimit(answer.code) || answer.code === "UNSUPPORTED") {
        if (isLimit(answer.code)) count(answer.code);
        directory.placed = poll();
      }
      // Gone or not readable: the listing that follows finds out.
      else directory.placed = undefined;
      if (into.replacesInPlace) before?.close();
    },
    placeAt(path, outsideHint) {
      const answer = source.place(path, outsideHint, () => {});
      return isRefused(answer) ? undefined : answer;
    },
    ready: () => source.ready(),
    explain,
    use(next) {
      const isOther = next.poll !== options.poll || next.backend !== options.backend;
      options = next;
      if (!isOther) return false;
      // Watches of the old ones are closed one by one as they are replaced.
      source = sourceFor(next, spentMs);
      fallback = undefined;
      return true;
    },
    async close() {
      await Promise.all([source.close(), fallback?.close()]);
    },
  };
}

function sourceFor({ poll, backend }: Polling, spentMs: () => number): HintSource {
  if (typeof poll === "number") return createPollSource(poll, spentMs);
  if (poll === true) return createPollSource(undefined, spentMs);
  const isNative = backend === "native" || (backend === "auto" && process.platform === "linux");
  return isNative ? createNativeSource() : createChokidarSource();
}

const isLimit = (code: string): boolean =>
  code === "ENOSPC" || code === "EMFILE" || code === "ENFILE" || code === "ENOMEM";

/** What has run out, and how there is more of it. EMFILE is said of both: of instances of inotify that a user may have, and of descriptors. */
function shortage(code: string): { readonly what: string; readonly hint: string } {
  if (code === "ENOSPC")
    return { what: "inotify watches", hint: "raise the limit: sudo sysctl fs.inotify.max_user_watches=524288" };
  if (code === "ENFILE") return { what: "file descriptors", hint: "raise the limit: sudo sysctl fs.file-max=1000000" };
  if (code === "ENOMEM") return { what: "memory for watches", hint: "end what is not needed" };
  try {
    needDescriptors(1);
  } catch {
    return { what: "file descriptors", hint: "raise the limit: ulimit -n 1024" };
  }
  return { what: "inotify instances", hint: "raise the limit: sudo sysctl fs.inotify.max_user_instances=1024" };
}

function limitReached(code: string, count: number, directories: number, isPolled: boolean): Problem {
  const { what, hint } = shortage(code);
  const share = directories > 0 ? `${count} of ${directories} directories` : "further directories";
  return {
    code: "watch/limited",
    severity: "warning",
    message: `out of ${what}: ${isPolled ? `polling ${share}` : `${share} are not watched`}`,
    hint,
  };
}
