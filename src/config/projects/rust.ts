/** Cargo packages: the binary that `cargo run` would run. */
import { isAbsolute, join, relative } from "node:path";
import { cargoIn, outputOf } from "./cargo.ts";
import { type CargoRun, cargoRunIn } from "./cargo-run.ts";
import { embeddedByRust } from "./embeds.ts";
import { rust } from "./kinds.ts";
import { nameFor } from "./procfile.ts";
import { allOfThem, endedAtOnce, executable, type ProjectFinding, type Services } from "./project.ts";
import type { FoundSetting } from "./scripts/program.ts";
import { watchingTool } from "./watching-tools.ts";

export function lookForRust(directory: string, env: NodeJS.ProcessEnv): ProjectFinding | undefined {
  const cargo = cargoIn(directory);
  if (cargo === undefined) return undefined;
  if (cargo === "broken") return { is: "passed over", remarks: ["Cargo.toml is not valid TOML"] };
  const watching = watchingTool(directory, "Cargo.toml");
  if (watching !== undefined) return watching;
  const { packages: all, isWorkspace } = cargo;
  // A tool of the project itself, by its name: https://github.com/matklad/cargo-xtask
  const packages = all.length > 1 ? all.filter(({ name }) => name !== "xtask") : all;
  const programs = packages.flatMap(({ name, binaries, features }) =>
    binaries.map((binary) => ({ binary, of: name, features: features[binary] ?? [] })),
  );
  const preferred = packages.flatMap((crate) => (crate.preferred === undefined ? [] : [crate.preferred]));
  const run = cargoRunIn(directory, env);
  const named = run === undefined ? undefined : namedBy(run, programs, preferred);
  const usual = preferred.length === 1 ? programs.find(({ binary }) => binary === preferred[0]) : programs[0];
  const chosen = named ?? usual;
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
  if (named === undefined && programs.length > 1 && preferred.length !== 1)
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
  const said = named === undefined ? undefined : run;
  const there = said?.isRelease === true ? { ...place, built: join(built, "../release") } : place;
  const flags = said === undefined ? [] : [...said.flags, ...(said.isRelease ? ["--release"] : [])];
  return {
    is: "project",
    what: `a Rust ${isWorkspace ? "workspace" : "project"}`,
    ...(said === undefined || isPlain(said, programs) ? {} : { how: said.how }),
    settings: [
      { name: "build.cmd", raw: [buildOf(chosen, place), ...flags].join(" ") },
      ...(Object.keys(said?.env ?? {}).length === 0 ? [] : [{ name: "proc.env", raw: said?.env }]),
      { name: "proc.cmd", raw: [pathOf(chosen, there), ...(said?.words ?? [])] },
      ...watched(place, target),
    ],
    ...((said?.words ?? []).length > 0 ? {} : { endsAtOnce: endedAtOnce(chosen.binary) }),
    remarks: [],
  };
}

/** Which of the programs a command runs, as Cargo chooses it; `undefined`: it does not tell. */
function namedBy(
  { package: of, binary }: CargoRun,
  programs: readonly RustProgram[],
  preferred: readonly string[],
): RustProgram | undefined {
  const fitting = programs.filter(
    (each) => (of === undefined || each.of === of) && (binary === undefined || each.binary === binary),
  );
  const [only, ...others] = fitting;
  return others.length === 0 ? only : fitting.find((each) => preferred.length === 1 && each.binary === preferred[0]);
}

/** It says nothing that is not known without it. */
const isPlain = ({ words, flags, isRelease, env }: CargoRun, programs: readonly RustProgram[]): boolean =>
  programs.length === 1 && words.length + flags.length + Object.keys(env).length === 0 && !isRelease;

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
