/** What Cargo makes of the files of a directory: its packages, their programs, and where they are built. As `cargo run` does it. */
import { readdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { parseToml } from "../text/toml.ts";
import { has, textOf } from "./project.ts";

export interface CargoPackage {
  readonly name: string;
  readonly binaries: readonly string[];
  readonly examples: readonly string[];
  /** By binary: what it needs, and is not on by itself. */
  readonly features: Readonly<Record<string, readonly string[]>>;
  /** `default-run` */
  readonly preferred: string | undefined;
}

export interface Cargo {
  /** Those that `cargo run` chooses among: the one of this directory, or the members of a workspace without one. */
  readonly packages: readonly CargoPackage[];
  readonly isWorkspace: boolean;
}

/** `undefined`: there is no Cargo.toml. `"broken"`: it is no TOML. */
export function cargoIn(directory: string): Cargo | "broken" | undefined {
  const manifest = tableIn(directory, "Cargo.toml");
  if (manifest === undefined) return undefined;
  if (manifest === "broken") return "broken";
  const own = packageOf(directory, manifest);
  const workspace = tableOf(manifest["workspace"]);
  if (own !== undefined || workspace === undefined) return { packages: own ? [own] : [], isWorkspace: false };
  const packages = members(directory, workspace).flatMap((member) => {
    const own = tableOf(tableIn(member, "Cargo.toml"));
    return own === undefined ? [] : (packageOf(member, own) ?? []);
  });
  return { packages, isWorkspace: true };
}

/**
 * Where a build writes, and where in there the programs of a debug build lie: `target/debug`, and what the environment, the nearest
 * `.cargo/config.toml` and the workspace make of that. https://doc.rust-lang.org/cargo/reference/config.html
 */
export function outputOf(directory: string, env: NodeJS.ProcessEnv): { target: string; programs: string } {
  const settings = configsAbove(directory, env);
  const first = <T>(pick: (config: CargoConfig) => T | undefined): T | undefined =>
    settings.reduce<T | undefined>((found, config) => found ?? pick(config), undefined);
  const given = named(env["CARGO_TARGET_DIR"]) ?? named(env["CARGO_BUILD_TARGET_DIR"]);
  const target =
    given === undefined
      ? (first(({ build, base }) => {
          const configured = named(build["target-dir"]);
          return configured === undefined ? undefined : resolve(base, configured);
        }) ?? join(workspaceOf(directory), "target"))
      : resolve(directory, given);
  const triple = named(env["CARGO_BUILD_TARGET"]) ?? first(({ build }) => named([build["target"]].flat()[0]));
  // A specification of one's own is a file: its name is the target's.
  return { target, programs: join(target, ...(triple === undefined ? [] : [basename(triple, ".json")]), "debug") };
}

type Table = Readonly<Record<string, unknown>>;

const tableOf = (value: unknown): Table | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;

const named = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];

function tableIn(directory: string, name: string): Table | "broken" | undefined {
  const text = textOf(directory, name);
  if (text === undefined) return undefined;
  const parsed = parseToml({ path: join(directory, name), name, text });
  return parsed.ok ? parsed.table : "broken";
}

/** The settings of a package: what is not said is looked for, unless that is switched off. */
function packageOf(directory: string, manifest: Table): CargoPackage | undefined {
  const crate = tableOf(manifest["package"]);
  if (crate === undefined) return undefined;
  const name = String(crate["name"] ?? "");
  const bins: readonly unknown[] = Array.isArray(manifest["bin"]) ? manifest["bin"] : [];
  const said = bins.map(tableOf).filter((bin) => bin !== undefined);
  const paths = new Set(said.map((bin) => bin["path"]));
  const found = crate["autobins"] === false ? [] : programsIn(directory, name).filter(({ path }) => !paths.has(path));
  const binaries = new Set([...said.map((bin) => String(bin["name"] ?? "")), ...found.map((program) => program.name)]);
  binaries.delete("");
  const usual = strings(tableOf(manifest["features"])?.["default"]);
  const features = Object.fromEntries(
    said.map((bin) => [
      String(bin["name"] ?? ""),
      strings(bin["required-features"]).filter((each) => !usual.includes(each)),
    ]),
  );
  return {
    name,
    binaries: [...binaries],
    examples: examplesIn(directory),
    features,
    preferred: named(crate["default-run"]),
  };
}

const examplesIn = (directory: string): string[] =>
  entries(join(directory, "examples")).flatMap((entry) =>
    entry.endsWith(".rs")
      ? [entry.slice(0, -".rs".length)]
      : has(directory, `examples/${entry}/main.rs`)
        ? [entry]
        : [],
  );

function programsIn(directory: string, packageName: string): { name: string; path: string }[] {
  return [
    { name: packageName, path: "src/main.rs" },
    ...entries(join(directory, "src/bin")).map((entry) =>
      entry.endsWith(".rs")
        ? { name: entry.slice(0, -".rs".length), path: `src/bin/${entry}` }
        : { name: entry, path: `src/bin/${entry}/main.rs` },
    ),
  ].filter(({ path }) => has(directory, path));
}

/** The directories of a workspace's members: `crates/*` is each directory in there. */
function members(directory: string, workspace: Table): string[] {
  const chosen = strings(workspace["default-members"]);
  const patterns = chosen.length > 0 ? chosen : strings(workspace["members"]);
  const excluded = new Set(strings(workspace["exclude"]).map((path) => resolve(directory, path)));
  const found = patterns.flatMap((pattern) =>
    pattern.split("/").reduce<string[]>(
      (places, part) => {
        if (!/[*?]/.test(part)) return places.map((place) => join(place, part));
        const test = new RegExp(
          `^${part
            .replaceAll(/[\\^$.|+()[\]{}]/g, "\\$&")
            .replaceAll("*", ".*")
            .replaceAll("?", ".")}$`,
        );
        return places.flatMap((place) =>
          entries(place).flatMap((name) => (test.test(name) ? [join(place, name)] : [])),
        );
      },
      [directory],
    ),
  );
  return [...new Set(found)].filter((member) => !excluded.has(member));
}

function workspaceOf(directory: string): string {
  for (let above = directory; ; above = dirname(above)) {
    if (tableOf(tableOf(tableIn(above, "Cargo.toml"))?.["workspace"]) !== undefined) return above;
    if (dirname(above) === above || has(above, ".git")) return directory;
  }
}

interface CargoConfig {
  /** What its paths are relative to: where `.cargo` lies. */
  readonly base: string;
  readonly build: Table;
}

/** The nearest first, the user's own last. */
function configsAbove(directory: string, env: NodeJS.ProcessEnv): CargoConfig[] {
  const configs: CargoConfig[] = [];
  const read = (base: string, inside: string): void => {
    // The name without an ending is the older one, and wins.
    const table = tableIn(inside, "config") ?? tableIn(inside, "config.toml");
    const build = tableOf(tableOf(table)?.["build"]);
    if (build !== undefined) configs.push({ base, build });
  };
  for (let above = directory; ; above = dirname(above)) {
    read(above, join(above, ".cargo"));
    if (dirname(above) === above) break;
  }
  const home =
    named(env["CARGO_HOME"]) ?? (named(env["HOME"]) === undefined ? undefined : join(String(env["HOME"]), ".cargo"));
  if (home !== undefined) read(dirname(home), home);
  return configs;
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}
