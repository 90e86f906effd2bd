/** Cargo packages: the binary that `cargo run` would run. */
import { readdirSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { parseToml } from "../toml.ts";
import { executable, type Finding, has, textOf } from "./project.ts";

export function lookForRust(directory: string, env: NodeJS.ProcessEnv): Finding | undefined {
  const manifest = tableIn(directory);
  if (manifest === undefined) return undefined;
  const packageTable = tableOf(manifest["package"]);
  if (packageTable === undefined)
    return {
      is: "unclear",
      message: "Cargo.toml is a workspace: which of its packages is to be run?",
      hint: "start reload in the directory of the package, or: reload -- cargo run -p NAME",
    };
  const names = binaries(directory, manifest, String(packageTable["name"] ?? ""));
  const chosen = typeof packageTable["default-run"] === "string" ? packageTable["default-run"] : names[0];
  if (chosen === undefined)
    return { is: "passed over", remarks: ["Cargo.toml is here, but the package has no binary"] };
  if (names.length > 1 && packageTable["default-run"] === undefined)
    return {
      is: "unclear",
      message: `several programs can be built here: ${names.join(", ")}`,
      hint: `name one in Cargo.toml: default-run = "${names[0]}"`,
    };
  const program = executable(join(targetDirectory(directory, env), "debug", chosen));
  const way = relative(directory, program);
  return {
    is: "project",
    what: "a Rust project (Cargo.toml)",
    settings: [
      { name: "build.cmd", raw: names.length > 1 ? `cargo build --bin ${chosen}` : "cargo build" },
      { name: "proc.cmd", raw: [way.startsWith("..") ? program : `./${way.replaceAll("\\", "/")}`] },
      { name: "watch.include_files", raw: [".rs", ".toml", "Cargo.lock", ".html"] },
      { name: "watch.exclude_dirs", raw: ["target"] },
    ],
    remarks: [],
  };
}

type Table = Readonly<Record<string, unknown>>;

const tableOf = (value: unknown): Table | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;

function tableIn(directory: string): Table | undefined {
  const text = textOf(directory, "Cargo.toml");
  if (text === undefined) return undefined;
  const parsed = parseToml({ path: join(directory, "Cargo.toml"), name: "Cargo.toml", text });
  // Where it is wrong cargo will say so, and better.
  return parsed.ok ? parsed.table : { package: { name: "" } };
}

function binaries(directory: string, manifest: Table, packageName: string): string[] {
  const named = Array.isArray(manifest["bin"]) ? manifest["bin"].flatMap((bin) => tableOf(bin)?.["name"] ?? []) : [];
  const main = has(directory, "src/main.rs") && named.length === 0 ? [packageName] : [];
  return [...new Set([...named.map(String), ...main, ...inSrcBin(directory)])].filter((name) => name !== "");
}

function inSrcBin(directory: string): string[] {
  try {
    return readdirSync(join(directory, "src/bin"))
      .filter((name) => name.endsWith(".rs") || has(directory, `src/bin/${name}/main.rs`))
      .map((name) => name.replace(/\.rs$/, ""))
      .sort();
  } catch {
    return [];
  }
}

/** A member of a workspace builds into the directory of the workspace. */
function targetDirectory(directory: string, env: NodeJS.ProcessEnv): string {
  const given = env["CARGO_TARGET_DIR"];
  if (given !== undefined && given !== "") return resolve(directory, given);
  for (let above = directory; ; above = dirname(above)) {
    if (tableOf(tableIn(above)?.["workspace"]) !== undefined) return join(above, "target");
    if (dirname(above) === above || has(above, ".git")) return join(directory, "target");
  }
}
