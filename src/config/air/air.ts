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
  const reader: Reader = {
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
  const root = rootOf(reader, workingDirectory, home);
  const tmpDir = tmpDirOf(reader, root);
  if (values.has("env_files")) reader.set("env_files", reader.list("env_files"), "env_files");
  translateCommands(reader, { root, workingDirectory }, tmpDir);
  translateWatching(reader, tmpDir);
  translateStops(reader);
  translateReports(reader);
  translateProxy(reader);
  const ruleExceptions = translateRules(reader, root);
  return { workingDirectory, settings, ruleExceptions, complaints: [...complaints, ...more] };
}

// ── directories ────────────────────────────────────────────────────────────────────────────────────────────────────

function rootOf(reader: Reader, workingDirectory: string, home: string): string {
  const written = reader.text("root");
  const root = resolve(workingDirectory, written.replace(/^~(?=$|[/\\])/, home));
  const isDangerous = [resolve("/"), home, "/root"].includes(root) && !reader.is("build.ignore_dangerous_root_dir");
  if (isDangerous)
    reader.complain({
      code: "config/bad-value",
      severity: "error",
      path: reader.of("root").path ?? [],
      at: "value",
      message: `root: ${shown(root)} is too much to watch`,
      hint: "start in the directory of the project, or set [build] ignore_dangerous_root_dir = true",
    });
  reader.set("root", written.startsWith("~") ? root : written, "root");
  return root;
}

/** The one that counts. Some files have `/` or `.`: what such a directory holds is the project itself. */
function tmpDirOf(reader: Reader, root: string): string {
  const written = reader.text("tmp_dir");
  if (!holds(realAsFarAs(resolve(root, written)), realAsFarAs(root))) {
    reader.set("tmp_dir", written, "tmp_dir");
    return written;
  }
  reader.complain({
    code: "config/bad-value",
    severity: "warning",
    path: reader.of("tmp_dir").path ?? [],
    at: "value",
    message: `tmp_dir: ${shown(written)} is the root of the project, or above it: using "tmp" instead`,
  });
  reader.set("tmp_dir", "tmp");
  return "tmp";
}

// ── stopping, reports ──────────────────────────────────────────────────────────────────────────────────────────────

function translateStops(reader: Reader): void {
  const asks = reader.is("build.send_interrupt");
  const delayMs = killDelayMs(reader.of("build.kill_delay").value);
  reader.set("proc.stop_signal", asks ? "SIGINT" : "SIGTERM", "build.send_interrupt");
  reader.set(
    "proc.stop_timeout",
    asks && delayMs > 0 ? durationText(delayMs) : "500ms",
    asks && delayMs > 0 ? "build.kill_delay" : undefined,
  );
}

function translateReports(reader: Reader): void {
  reader.set("clean_on_exit", reader.is("misc.clean_on_exit"), "misc.clean_on_exit");
  reader.set("ui.clear", reader.is("screen.clear_on_rebuild"), "screen.clear_on_rebuild");
  reader.set("log.time", reader.is("log.time"), "log.time");
  reader.set("log.level", reader.is("log.silent") ? "silent" : "info", "log.silent");
}

function translateProxy(reader: Reader): void {
  if (!reader.is("proxy.enabled")) return;
  const portOf = (name: string): number => Number(reader.of(name).value ?? 0);
  const port = portOf("proxy.proxy_port");
  reader.set("proxy.listen", port === 0 ? "auto" : port, port === 0 ? "proxy.enabled" : "proxy.proxy_port");
  if (portOf("proxy.app_port") !== 0) reader.set("proxy.target", portOf("proxy.app_port"), "proxy.app_port");
  const timeout = reader.of("proxy.app_start_timeout");
  if (timeout.path !== undefined && Number(timeout.value) > 0)
    reader.set("proxy.hold", durationText(Number(timeout.value)), "proxy.app_start_timeout");
}
