/** Cargo packages: the binary that `cargo run` would run. */
import { isAbsolute, join, relative } from "node:path";
import { cargoIn, outputOf } from "./cargo.ts";
import { embeddedByRust } from "./embeds.ts";
import { rust } from "./kinds.ts";
import { nameFor } from "./procfile.ts";
import {
  allOfThem,
  endedAtOnce,
  executable,
  has,
  type ProjectFinding,
  type Services,
  textOf,
  type Unclear,
} from "./project.ts";
import type { FoundSetting } from "./scripts/program.ts";

export function lookForRust(directory: string, env: NodeJS.ProcessEnv): ProjectFinding | undefined {
  const cargo = cargoIn(directory);
  if (cargo === undefined) return undefined;
  if (cargo === "broken") return { is: "passed over", remarks: ["Cargo.toml is not valid TOML"] };
  const watching = watchingTool(directory);
  if (watching !== undefined) return watching;
  const { packages: all, isWorkspace } = cargo;
  // A tool of the project itself, by its name: https://github.com/matklad/cargo-xtask
  const packages = all.length > 1 ? all.filter(({ name }) => name !== "xtask") : all;
  const programs = packages.flatMap(({ name, binaries, features }) =>
    binaries.map((binary) => ({ binary, of: name, features: features[binary] ?? [] })),
  );
  const preferred = packages.flatMap((crate) => (crate.preferred === undefined ? [] : [crate.preferred]));
  const chosen = preferred.length === 1 ? programs.find(({ binary }) => binary === preferred[0]) : programs[0];
  if (chosen === undefined)
    return {
      is: "passed over",
      remarks: [
        `Cargo.toml is here, but ${isWorkspace ? "no package of the workspace has a" : "the package has no"} binary`,
        ...packages.flatMap(({ name, examples }) =>
          examples.map((example) => `  reload cargo run${isWorkspace ? ` -p ${name}` : ""} --example ${example}`),
        ),
      ],
    };
  const { target, programs: built } = outputOf(directory, env);
  const place: Place = { directory, built, isWorkspace, isOnly: programs.length === 1 };
  if (programs.length > 1 && preferred.length !== 1)
    return {
      is: "unclear",
      services: servicesOf(programs, place, target),
      message: `several programs can be built here: ${programs.map(({ binary }) => binary).join(", ")}`,
      hint: [
        ...programs.map((each) => `reload -b "${buildOf(each, place)}" -- ${pathOf(each, place)}`),
        allOfThem,
        `one of them by itself: name it in ${isWorkspace ? "the Cargo.toml of its package" : "Cargo.toml"}, default-run = "${chosen.binary}"`,
      ].join("\n"),
    };
  return {
    is: "project",
    what: `a Rust ${isWorkspace ? "workspace" : "project"}`,
    settings: [
      { name: "build.cmd", raw: buildOf(chosen, place) },
      { name: "proc.cmd", raw: [pathOf(chosen, place)] },
      ...watched(place, target),
    ],
    endsAtOnce: endedAtOnce(chosen.binary),
    remarks: [],
  };
}

interface RustProgram {
  readonly binary: string;
  /** The name of its package. */
  readonly of: string;
  readonly features: readonly string[];
}

interface Place {
  readonly directory: string;
  /** Where programs are after a build. */
  readonly built: string;
  readonly isWorkspace: boolean;
  readonly isOnly: boolean;
}

const buildOf = ({ binary, of, features }: RustProgram, { isWorkspace, isOnly }: Place): string =>
  [
    `cargo build${isWorkspace ? ` -p ${of}` : ""}${isOnly ? "" : ` --bin ${binary}`}`,
    ...(features.length === 0 ? [] : ["--features", features.join(",")]),
  ].join(" ");

/** Frameworks whose program is made of two builds, by a tool that watches. */
function watchingTool(directory: string): Unclear | undefined {
  const manifest = textOf(directory, "Cargo.toml") ?? "";
  const known: readonly (readonly [boolean, string, string])[] = [
    [/^\[+(?:package|workspace)\.metadata\.leptos\]/m.test(manifest), "Leptos", "cargo leptos watch"],
    [has(directory, "Dioxus.toml"), "Dioxus", "dx serve"],
    [has(directory, "Trunk.toml"), "Trunk", "trunk serve"],
  ];
  const [, name, through] = known.find(([isIt]) => isIt) ?? [];
  return name === undefined || through === undefined
    ? undefined
    : {
        is: "unclear",
        through,
        message: `Cargo.toml is of a project for ${name}, which watches and reloads by itself`,
        hint: `${through}   runs it, without reload`,
      };
}

function pathOf({ binary }: RustProgram, { directory, built }: Place): string {
  const way = relative(directory, executable(join(built, binary))).replaceAll("\\", "/");
  return isAbsolute(way) || way.startsWith("../") ? way : `./${way}`;
}

const watched = ({ directory, isWorkspace }: Place, target: string): FoundSetting[] => [
  { name: "watch.include_files", raw: [...rust.files, ...embeddedByRust(directory)] },
  {
    name: "watch.exclude_dirs",
    raw: [...rust.excluded, ...(isWorkspace ? ofMembers : []), ...otherTarget(directory, target)],
  },
];

function servicesOf(programs: readonly RustProgram[], place: Place, target: string): Services {
  const names: string[] = [];
  const settings = programs.flatMap((each) => {
    const name = nameFor(each.binary, names);
    names.push(name);
    return [
      { name: `service.${name}.build.cmd`, raw: buildOf(each, place) },
      { name: `service.${name}.proc.cmd`, raw: [pathOf(each, place)] },
    ];
  });
  return { names, settings: [...watched(place, target), ...settings], remarks: [] };
}

/** The same in the packages of a workspace. */
const ofMembers = ["tests", "examples", "benches"].flatMap((name) => [`/*/${name}`, `/*/*/${name}`]);

/** Build scripts write `.rs` files too. */
function otherTarget(directory: string, target: string): string[] {
  const way = relative(directory, target).replaceAll("\\", "/");
  return isAbsolute(way) || way.startsWith("../") || way === "target" ? [] : [`/${way}`];
}
