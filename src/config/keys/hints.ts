/** What to write in place of what people bring from elsewhere. */
import { shown } from "../write/write.ts";

const command = "command exec run script start line";

/** Names of keys, by section: ours, and what other tools call it. */
const names: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  build: { cmd: command, env: "environment vars variables", timeout: "time_limit max_time" },
  proc: {
    cmd: `${command} program entrypoint`,
    args: "arguments argv params",
    env: "environment vars variables",
    cwd: "dir directory workdir working_dir working_directory path",
    stop_signal: "signal kill_signal",
    stop_timeout: "kill_timeout kill_delay grace grace_period stop_grace_period timeout",
    on_exit: "restart autorestart restart_policy",
  },
  watch: {
    include_dirs: "dirs directories paths path dir folders",
    include_files: "files extensions ext exts include_ext patterns include",
    exclude_files: "ignore ignored exclude excludes",
    debounce: "delay wait quiet",
    poll: "polling use_polling usePolling legacy",
    follow_symlinks: "symlinks followSymlinks",
  },
  ready: {
    http: "url path health healthcheck",
    tcp: "port",
    exec: `cmd ${command} test`,
    log: "output line pattern regex",
  },
  proxy: { listen: "port address host", target: "upstream backend app_port to" },
  sockets: { listen: "port ports sockets address" },
};

const tables: Readonly<Record<string, string>> = {
  proc: "run process app exec start program command",
  watch: "files reload nodemon",
  ready: "health healthcheck health_check readiness",
  service: "process processes procs programs",
};

const ours = (of: Readonly<Record<string, string>> | undefined, theirs: string): string | undefined =>
  Object.entries(of ?? {}).find(([, others]) => others.split(" ").includes(theirs))?.[0];

/** Our name of a key, or of a table where `section` is empty. */
export const ourName = (section: string, theirs: string): string | undefined =>
  ours(section === "" ? tables : names[section], theirs);

const units: Readonly<Record<string, string>> = {
  millisecond: "ms",
  msec: "ms",
  second: "s",
  sec: "s",
  minute: "m",
  min: "m",
  hour: "h",
  hr: "h",
};

export function durationHint(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  if (/^\d+$/.test(value)) return `did you mean ${value} or "${value}ms"?`;
  const [, count, unit = ""] = /^\s*(\d+)\s*([a-z]+)\s*$/i.exec(value) ?? [];
  const name = unit.toLowerCase();
  const short = /^(?:ms|s|m|h)$/.test(name) ? name : units[name.replace(/s$/, "")];
  return count === undefined || short === undefined ? undefined : `did you mean "${count}${short}"?`;
}

export const boolHint = (value: unknown): string | undefined => {
  const word = typeof value === "string" ? value.toLowerCase() : value;
  if (["true", "yes", "on", 1].includes(word as string)) return "did you mean true?";
  return ["false", "no", "off", 0].includes(word as string) ? "did you mean false?" : undefined;
};

/** `["A=1"]`, as Docker's files have it. */
export function variablesHint(value: unknown): string | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const pairs = value.map((each) => (typeof each === "string" ? /^(\w+)=(.*)$/s.exec(each) : null));
  const written = pairs.flatMap((pair) => (pair === null ? [] : [`${pair[1]} = ${shown(pair[2])}`]));
  return written.length < pairs.length ? undefined : `did you mean { ${written.join(", ")} }?`;
}

export function urlHint(value: unknown): string | undefined {
  if (typeof value === "number") return `did you mean "http://localhost:${value}/"?`;
  if (typeof value !== "string" || !/^(?:[\w.-]+|\[[\da-f:]+\])?:\d+(?:\/\S*)?$/i.test(value)) return undefined;
  return `did you mean "http://${value.startsWith(":") ? "localhost" : ""}${value}"?`;
}

export function addressHint(value: string): string | undefined {
  const [, at] = /^(?:[a-z]+:\/\/)?((?:[\w.-]+|\[[\da-f:]+\])?:\d+)\/?$/i.exec(value) ?? [];
  if (at === undefined) return undefined;
  return `did you mean ${at.startsWith(":") ? at.slice(1) : `"${at}"`}?`;
}
