/** Cargo packages: the binary that `cargo run` would run. */
import { isAbsolute, join, relative } from "node:path";
import { cargoIn, outputOf } from "./cargo.ts";
import { rust } from "./kinds.ts";
import { executable, type ProjectFinding } from "./project.ts";

export function lookForRust(directory: string, env: NodeJS.ProcessEnv): ProjectFinding | undefined {
  const cargo = cargoIn(directory);
  if (cargo === undefined) return undefined;
  if (cargo === "broken") return { is: "passed over", remarks: ["Cargo.toml is not valid TOML"] };
  const { packages, isWorkspace } = cargo;
  const programs = packages.flatMap(({ name, binaries }) => binaries.map((binary) => ({ binary, of: name })));
  const preferred = packages.flatMap((its) => (its.preferred === undefined ? [] : [its.preferred]));
  const chosen = preferred.length === 1 ? programs.find(({ binary }) => binary === preferred[0]) : programs[0];
  if (chosen === undefined)
    return {
      is: "passed over",
      remarks: [
        `Cargo.toml is here, but ${isWorkspace ? "no package of the workspace has a" : "the package has no"} binary`,
      ],
    };
  if (programs.length > 1 && preferred.length !== 1)
    return {
      is: "unclear",
      message: `several programs can be built here: ${programs.map(({ binary }) => binary).join(", ")}`,
      hint: isWorkspace
        ? `start reload in the directory of the package, or name one in its Cargo.toml: default-run = "${chosen.binary}"`
        : `name one in Cargo.toml: default-run = "${chosen.binary}"`,
    };
  const { target, programs: built } = outputOf(directory, env);
  const program = executable(join(built, chosen.binary));
  const way = relative(directory, program).replaceAll("\\", "/");
  const which = `${isWorkspace ? ` -p ${chosen.of}` : ""}${programs.length > 1 ? ` --bin ${chosen.binary}` : ""}`;
  return {
    is: "project",
    what: `a Rust ${isWorkspace ? "workspace" : "project"}`,
    settings: [
      { name: "build.cmd", raw: `cargo build${which}` },
      { name: "proc.cmd", raw: [isAbsolute(way) || way.startsWith("../") ? way : `./${way}`] },
      { name: "watch.include_files", raw: rust.files },
      {
        name: "watch.exclude_dirs",
        raw: [...rust.excluded, ...(isWorkspace ? ofMembers : []), ...otherTarget(directory, target)],
      },
    ],
    remarks: [],
  };
}

/** The same in the packages of a workspace. */
const ofMembers = ["tests", "examples", "benches"].flatMap((name) => [`/*/${name}`, `/*/*/${name}`]);

/** Build scripts write `.rs` files too. */
function otherTarget(directory: string, target: string): string[] {
  const way = relative(directory, target).replaceAll("\\", "/");
  return isAbsolute(way) || way.startsWith("../") || way === "target" ? [] : [`/${way}`];
}
