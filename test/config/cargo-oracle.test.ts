/** Which programs a Cargo project has: the same that Cargo itself finds, for random manifests and trees. */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { cargoIn } from "../../src/config/projects/cargo.ts";
import { needs } from "../rig/needs.ts";
import { newProject, type Project } from "../rig/project.ts";

const packages = fc.record({
  autobins: fc.constantFrom("", "", "autobins = false\n"),
  preferred: fc.constantFrom("", "", 'default-run = "one"\n', 'default-run = "b"\n'),
  bins: fc.subarray(
    [
      '[[bin]]\nname = "one"\n',
      '[[bin]]\nname = "x"\npath = "src/main.rs"\n',
      '[[bin]]\nname = "y"\npath = "src/bin/b.rs"\n',
      '[[bin]]\nname = "b"\n',
    ],
    { maxLength: 2 },
  ),
  files: fc.subarray([
    "src/main.rs",
    "src/main.rs",
    "src/lib.rs",
    "src/bin/b.rs",
    "src/bin/c/main.rs",
    "src/bin/d/e.rs",
  ]),
});
type Made = typeof packages extends fc.Arbitrary<infer T> ? T : never;

function write(project: Project, at: string, name: string, { autobins, preferred, bins, files }: Made): void {
  mkdirSync(project.path(at), { recursive: true });
  project.write(
    `${at}Cargo.toml`,
    `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2021"\n${autobins}${preferred}${bins.join("")}`,
  );
  for (const file of files) project.write(`${at}${file}`, "fn main() {}");
}

interface Metadata {
  readonly workspace_default_members: readonly string[];
  readonly packages: readonly {
    readonly id: string;
    readonly name: string;
    readonly default_run: string | null;
    readonly targets: readonly { readonly name: string; readonly kind: readonly string[] }[];
  }[];
}

/** What Cargo says, or nothing where it does not take it. */
function asCargo(directory: string): string[] | undefined {
  const args = ["metadata", "--no-deps", "--offline", "--format-version", "1"];
  const { status, stdout } = spawnSync("cargo", args, { cwd: directory, encoding: "utf8" });
  if (status !== 0) return undefined;
  const metadata: Metadata = JSON.parse(stdout);
  const members = metadata.packages.filter(({ id }) => metadata.workspace_default_members.includes(id));
  return members.map(({ name, targets, default_run: preferred }) => {
    const binaries = targets.filter(({ kind }) => kind.includes("bin")).map((target) => target.name);
    return `${name}: ${binaries.sort().join(" ")} ${preferred ?? ""}`;
  });
}

function asWe(directory: string): string[] | undefined {
  const cargo = cargoIn(directory);
  if (cargo === undefined || cargo === "broken") return undefined;
  return cargo.packages.map(
    ({ name, binaries, preferred }) => `${name}: ${[...binaries].sort().join(" ")} ${preferred ?? ""}`,
  );
}

test.runIf(needs("cargo"))("the programs of a package and of a workspace are those that Cargo finds", () => {
  let taken = 0;
  const compare = (project: Project): void => {
    const said = asCargo(project.directory);
    if (said === undefined) return;
    taken += 1;
    expect(asWe(project.directory)?.sort()).toEqual(said.sort());
  };
  fc.assert(
    fc.property(packages, (one) => {
      using project = newProject();
      write(project, "", "one", one);
      compare(project);
    }),
    { numRuns: 60 },
  );
  const workspace = fc.record({
    one: packages,
    two: packages,
    excludes: fc.constantFrom("", 'exclude = ["crates/two"]\n'),
    defaults: fc.constantFrom("", 'default-members = ["tool"]\n'),
  });
  fc.assert(
    fc.property(workspace, ({ one, two, excludes, defaults }) => {
      using project = newProject({
        "Cargo.toml": `[workspace]\nresolver = "2"\nmembers = ["crates/*", "tool"]\n${excludes}${defaults}`,
        "tool/Cargo.toml": '[package]\nname = "tool"\nversion = "0.1.0"\n',
        "tool/src/main.rs": "fn main() {}",
      });
      write(project, "crates/one/", "one", one);
      write(project, "crates/two/", "two", two);
      compare(project);
    }),
    { numRuns: 60 },
  );
  expect(taken).toBeGreaterThan(20);
});
