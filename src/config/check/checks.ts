/** What no key can know by itself: that a value does not go with another one, or with what is on disk. */
import { existsSync, realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve } from "node:path";
import type { Config } from "../keys/keys.ts";
import { shown } from "../write/write.ts";

/** About the value of a key, wherever it was set. */
export interface KeyComplaint {
  readonly key: string;
  readonly message: string;
  readonly hint?: string;
  /** From the value to the part of it that is meant. */
  readonly part?: readonly (string | number)[];
}

/** @param root absolute; @param commandDirectory absolute: where commands run */
export function check(config: Config, root: string, commandDirectory: string): readonly KeyComplaint[] {
  const rootFaults = checkRoot(config, root);
  return [
    ...rootFaults,
    ...checkTmpDir(config, root),
    // Nothing is in a root that does not exist: one of the two says it.
    ...(rootFaults.length === 0 ? checkCwd(config, root, commandDirectory) : []),
    ...checkReady(config),
    ...checkSwap(config),
    ...checkMatcher(config, root),
  ];
}

function checkRoot({ root: written }: Config, root: string): KeyComplaint[] {
  const what = noDirectory(root);
  return what === undefined ? [] : [{ key: "root", message: `root: ${shown(written)} ${what}` }];
}

/** What a path is instead of a directory. */
function noDirectory(path: string): "does not exist" | "is not a directory" | "cannot be looked at" | undefined {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return "does not exist";
    return stat.isDirectory() ? undefined : "is not a directory";
  } catch {
    // A link in a circle, a directory above it that may not be entered.
    return "cannot be looked at";
  }
}

/** It is never watched, and may be removed: it must not hold the project. */
function checkTmpDir({ tmp_dir }: Config, root: string): KeyComplaint[] {
  if (!holds(realAsFarAs(resolve(root, tmp_dir)), realAsFarAs(root))) return [];
  return [
    {
      key: "tmp_dir",
      message: `tmp_dir: ${shown(tmp_dir)} is the root of the project, or above it`,
      hint: "name a directory of its own: what is in it is never watched, and may be removed",
    },
  ];
}

/** What is named to be watched and lies in the directory for output: it would be silent for ever. */
export function neverWatched({ tmp_dir, watch }: Config, root: string): string[] {
  const output = realAsFarAs(resolve(root, tmp_dir));
  return watch.include_dirs
    .filter((directory) => holds(output, realAsFarAs(resolve(root, directory))))
    .map(
      (directory) => `${directory} is not watched: it lies in tmp_dir (${tmp_dir}); set tmp_dir to another directory`,
    );
}

/** The process could not be started there, and a live edit would have ended the one that runs. What is built may not be there yet. */
function checkCwd(config: Config, root: string, commandDirectory: string): KeyComplaint[] {
  const cwd = resolve(commandDirectory, config.proc.cwd ?? ".");
  if (holds(resolve(root, config.tmp_dir), cwd)) return [];
  return checkBuiltCwd(config, commandDirectory).filter(
    () => config.build.cmd === undefined || noDirectory(cwd) !== "does not exist",
  );
}

/** The same where no build comes before the next start. */
export function checkBuiltCwd({ proc }: Config, commandDirectory: string): KeyComplaint[] {
  if (proc.cmd === undefined || proc.cwd === undefined) return [];
  const what = noDirectory(resolve(commandDirectory, proc.cwd));
  return what === undefined ? [] : [{ key: "proc.cwd", message: `proc.cwd: ${shown(proc.cwd)} ${what}` }];
}

function checkReady({ ready }: Config): KeyComplaint[] {
  const given = (["tcp", "http", "log", "exec"] as const).filter((name) => ready[name] !== undefined);
  const [first, ...others] = given;
  return others.map((name) => ({
    key: `ready.${name}`,
    message: `ready.${name}: ready.${first} is set already, and only one check can be used`,
  }));
}

/** @returns what is wrong when nothing sets `PORT` */
export function checkPort({ ready }: Config): readonly KeyComplaint[] {
  const hint = "give the port itself, or set PORT under [proc] env";
  if (ready.tcp === "auto")
    return [{ key: "ready.tcp", message: 'ready.tcp: "auto" is the PORT of the process, and nothing sets that', hint }];
  if (ready.http?.startsWith("/") !== true) return [];
  const message = `ready.http: ${shown(ready.http)} is asked for at the PORT of the process, and nothing sets that`;
  return [{ key: "ready.http", message, hint }];
}

/** @returns what is wrong where there is a proxy */
export function checkProxy({ proxy: { listen, target }, proc, sockets }: Config): readonly KeyComplaint[] {
  const faults: KeyComplaint[] = [];
  if (proc.swap === "start-first" && target !== "auto")
    faults.push({
      key: "proc.swap",
      message: 'proc.swap: "start-first" needs a port for each run, and two runs would share one here',
      hint: 'set target = "auto" under [proxy]: each run is given its own as PORT',
    });
  if (proc.cmd === undefined)
    faults.push({ key: "proc.cmd", message: "proxy: there is no [proc] cmd that could answer" });
  if (listen !== "auto" && target !== undefined && target !== "auto" && listen.port === target.port)
    faults.push({
      key: "proxy.target",
      message: `proxy.target: the proxy itself listens on port ${listen.port}`,
      hint: "the program needs another one",
    });
  if (listen !== "auto" && sockets.listen.some((place) => place.is === "port" && place.port === listen.port))
    faults.push({ key: "proxy.listen", message: `proxy.listen: port ${listen.port} is one of [sockets]` });
  return faults;
}

function checkSwap({ proc, proxy, ready, sockets }: Config): KeyComplaint[] {
  if (
    proc.swap !== "start-first" ||
    proxy.target === "auto" ||
    sockets.listen.length > 0 ||
    (ready.tcp === undefined && ready.http === undefined)
  )
    return [];
  return [
    {
      key: "proc.swap",
      message: `proc.swap: "start-first" needs a port that two runs can share, and [ready] ${ready.tcp === undefined ? "http" : "tcp"} names one`,
      hint: 'it takes [proxy] target = "auto", [sockets], or a program without a port',
    },
  ];
}

function checkMatcher({ watch }: Config, root: string): KeyComplaint[] {
  if (watch.matcher === undefined) return [];
  const path = resolve(root, watch.matcher);
  if (existsSync(path) && noDirectory(path) !== undefined) return [];
  return [{ key: "watch.matcher", message: `watch.matcher: there is no file ${shown(watch.matcher)}` }];
}

/** Whether `inner` is `outer` or lies in it. Both absolute. */
export function holds(outer: string, inner: string): boolean {
  const way = relative(outer, inner);
  return way === "" || (way !== ".." && !/^\.\.[/\\]/.test(way) && !isAbsolute(way));
}

/** With the links in it resolved, as far as it exists. */
export function realAsFarAs(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : resolve(realAsFarAs(above), relative(above, path));
  }
}
