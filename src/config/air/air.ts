/** air's configuration as one of ours: the same meaning, key by key. Where it differs on purpose, `docs/from-air.md` says so. */
import { basename, resolve } from "node:path";
import { holds, realAsFarAs } from "../check/checks.ts";
import type { Complaint } from "../keys/decode.ts";
import { durationText } from "../keys/duration.ts";
import { allKeys, sections } from "../keys/keys.ts";
import type { Path } from "../text/locate.ts";
import type { Table } from "../text/toml.ts";
import { shown, typeOf } from "../write/write.ts";
import { translateCommands } from "./commands.ts";
import type { AirFlagValue } from "./flags.ts";
import { killDelayMs } from "./go-duration.ts";
import { airKeys } from "./keys.ts";
import { readAir } from "./read.ts";
import { listIn, type Reader } from "./reader.ts";
import { translateRules } from "./rules.ts";
import { translateWatching } from "./watching.ts";

/** A key of ours, with the place in air's file that says so; without one it is air's default. */
export interface AirSetting {
  readonly name: string;
  readonly raw: unknown;
  readonly path: Path | undefined;
  /** As it was written on the command line, where that says so. */
  readonly flag?: string | undefined;
}

export interface AirReading {
  /** Absolute: `root` is relative to it, and commands run there. */
  readonly workingDirectory: string;
  readonly settings: readonly AirSetting[];
  /** By rule: regular expressions of what is not for it, although it matches. */
  readonly ruleExceptions: readonly (readonly string[])[];
  readonly complaints: readonly Complaint[];
}

export interface AirSurroundings {
  readonly workingDirectory: string;
  readonly platform?: NodeJS.Platform;
  /** Of the user; empty where there is none. */
  readonly home: string;
  /** They win over the file. */
  readonly flags?: ReadonlyMap<string, AirFlagValue>;
}

/** By its keys: what is air's alone against the tables that are ours alone. In a tie the name decides. */
export function isAirFile(table: Table, path: string): boolean {
  const own = new Set([...allKeys().keys(), ...sections(), "service"]);
  const airs = new Set(airKeys.flatMap(({ name }) => [name, ...sectionIn(name)]));
  const names = Object.entries(table).flatMap(([name, value]) =>
    typeof value === "object" && value !== null && typeOf(value) === "a table"
      ? [name, ...Object.keys(value).map((leaf) => `${name}.${leaf}`)]
      : [name],
  );
  const airOnly = names.filter((name) => airs.has(name) && !own.has(name)).length;
  // Not what stands in a table of both: people invent keys such as [build.env] and log.level for air.
  const ownOnly = Object.keys(table).filter((name) => own.has(name) && !airs.has(name)).length;
  return airOnly === ownOnly ? /(?:^|[.\-_])air(?:[.\-_]|$)/.test(basename(path)) : airOnly > ownOnly;
}

const sectionIn = (name: string): string[] => (name.includes(".") ? [name.slice(0, name.indexOf("."))] : []);

export function translateAir(
  table: Table,
  { workingDirectory, platform = process.platform, home, flags }: AirSurroundings,
): AirReading {
  const { values, complaints } = readAir(table, platform, flags);
  const settings: AirSetting[] = [];
  const more: Complaint[] = [];
  const its: Reader = {
    platform,
    of: (name) => values.get(name) ?? { value: undefined, path: undefined },
    text: (name) => String(values.get(name)?.value ?? ""),
    list: (name) => listIn(values.get(name)?.value),
    is: (name) => values.get(name)?.value === true,
    set(name, raw, from) {
      const said = from === undefined ? undefined : values.get(from);
      settings.push({ name, raw, path: said?.path, flag: said?.flag });
    },
    complain: (complaint) => more.push(complaint),
  };
  const root = rootOf(its, workingDirectory, home);
  const tmpDir = tmpDirOf(its, root);
  if (values.has("env_files")) its.set("env_files", its.list("env_files"), "env_files");
  translateCommands(its, { root, workingDirectory }, tmpDir);
  translateWatching(its, tmpDir);
  translateStops(its);
  translateReports(its);
  translateProxy(its);
  const ruleExceptions = translateRules(its, root);
  return { workingDirectory, settings, ruleExceptions, complaints: [...complaints, ...more] };
}

// ── directories ────────────────────────────────────────────────────────────────────────────────────────────────────

function rootOf(its: Reader, workingDirectory: string, home: string): string {
  const written = its.text("root");
  const root = resolve(workingDirectory, written.replace(/^~(?=$|[/\\])/, home));
  const isDangerous = [resolve("/"), home, "/root"].includes(root) && !its.is("build.ignore_dangerous_root_dir");
  if (isDangerous)
    its.complain({
      code: "config/bad-value",
      severity: "error",
      path: its.of("root").path ?? [],
      at: "value",
      message: `root: ${shown(root)} is too much to watch`,
      hint: "start in the directory of the project, or set [build] ignore_dangerous_root_dir = true",
    });
  its.set("root", written.startsWith("~") ? root : written, "root");
  return root;
}

/** The one that counts. Some files have `/` or `.`: what such a directory holds is the project itself. */
function tmpDirOf(its: Reader, root: string): string {
  const written = its.text("tmp_dir");
  if (!holds(realAsFarAs(resolve(root, written)), realAsFarAs(root))) {
    its.set("tmp_dir", written, "tmp_dir");
    return written;
  }
  its.complain({
    code: "config/bad-value",
    severity: "warning",
    path: its.of("tmp_dir").path ?? [],
    at: "value",
    message: `tmp_dir: ${shown(written)} is the root of the project, or above it: using "tmp" instead`,
  });
  its.set("tmp_dir", "tmp");
  return "tmp";
}

// ── stopping, reports ──────────────────────────────────────────────────────────────────────────────────────────────

function translateStops(its: Reader): void {
  const asks = its.is("build.send_interrupt");
  const delayMs = killDelayMs(its.of("build.kill_delay").value);
  its.set("proc.stop_signal", asks ? "SIGINT" : "SIGTERM", "build.send_interrupt");
  its.set(
    "proc.stop_timeout",
    asks && delayMs > 0 ? durationText(delayMs) : "500ms",
    asks && delayMs > 0 ? "build.kill_delay" : undefined,
  );
}

function translateReports(its: Reader): void {
  its.set("clean_on_exit", its.is("misc.clean_on_exit"), "misc.clean_on_exit");
  its.set("ui.clear", its.is("screen.clear_on_rebuild"), "screen.clear_on_rebuild");
  its.set("log.time", its.is("log.time"), "log.time");
  its.set("log.level", its.is("log.silent") ? "silent" : "info", "log.silent");
}

function translateProxy(its: Reader): void {
  if (!its.is("proxy.enabled")) return;
  const portOf = (name: string): number => Number(its.of(name).value ?? 0);
  const port = portOf("proxy.proxy_port");
  its.set("proxy.listen", port === 0 ? "auto" : port, port === 0 ? "proxy.enabled" : "proxy.proxy_port");
  if (portOf("proxy.app_port") !== 0) its.set("proxy.target", portOf("proxy.app_port"), "proxy.app_port");
  const timeout = its.of("proxy.app_start_timeout");
  if (timeout.path !== undefined && Number(timeout.value) > 0)
    its.set("proxy.hold", durationText(Number(timeout.value)), "proxy.app_start_timeout");
}
