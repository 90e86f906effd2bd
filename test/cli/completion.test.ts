import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { needs } from "../rig/needs.ts";
import { newProject, type Project } from "../rig/project.ts";
import { cli, terminal } from "../rig/terminal.ts";

const files = {
  ".reload.toml": "[service.api]\n[service.web-1.proc]\n[service.web-1.watch]\n",
  ".reload.ci.toml": "",
  ".reload.db:migrate.toml": "",
  ".reload.my profile.toml": "",
  "with space.go": "",
  "main.go": "",
};

let project: Project;
beforeAll(() => {
  project = newProject(files);
  return () => project[Symbol.dispose]();
});

const script = (shell: string): string => spawnSync("node", [cli, "completion", shell], { encoding: "utf8" }).stdout;

/** What bash would offer for a line whose last word is being written. */
function bash(words: readonly string[], library: string): string[] {
  const file = project.path("completion.bash");
  writeFileSync(file, script("bash"));
  const asked = `${library === "" ? "" : `. ${library} || exit 9;`} . '${file}'
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=\${#COMP_LINE}; COMPREPLY=()
_reload; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync("bash", ["-c", asked, "bash", ...words], {
    cwd: project.directory,
    encoding: "utf8",
  });
  expect(stderr.replace(/.*compopt: not currently executing completion function\n/g, "")).toBe("");
  return stdout.split("\n").filter((line) => line !== "");
}

const library = "/usr/share/bash-completion/bash_completion";
const libraries = [
  ["alone", ""],
  ...(existsSync(library) ? [["with bash-completion", library] as const] : []),
] as const;

describe.skipIf(!needs("bash")).each(libraries)("bash, %s, completes", (_, library) => {
  test.each([
    [["reload", "expl"], ["explain"]],
    [["reload", "--prof"], ["--profile"]],
    [
      ["reload", "--profile", ""],
      ["ci", "db:migrate", "my\\ profile"],
    ],
    [
      ["reload", "--only", ""],
      ["api", "web-1"],
    ],
    [["reload", "explain", "ma"], ["main.go"]],
    [["reload", "explain", "with"], ["with space.go"]],
    [["reload", "explain", "--js"], ["--json"]],
    [["reload", "--profile", "ci", "completion", "f"], ["fish"]],
    [["reload", "-c", ".reload.c"], [".reload.ci.toml"]],
  ])("%j", (words, expected) => expect(bash(words, library)).toEqual(expected));

  test("a value behind =", () => {
    const words = library === "" ? ["reload", "--color", "=", "al"] : ["reload", "--color=al"];
    expect(bash(words, library)).toEqual(["always"]);
  });

  test("nothing of ours behind a COMMAND", () =>
    expect(bash(["reload", "ls", "--onc"], library)).not.toContain("--once"));
});

describe.skipIf(!needs("fish"))("fish completes", () => {
  const fish = (line: string): string[] => {
    const file = project.path("completion.fish");
    writeFileSync(file, script("fish"));
    const asked = `source '${file}'; complete -C '${line}'`;
    const { stdout, stderr } = spawnSync("fish", ["--no-config", "-c", asked], {
      cwd: project.directory,
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    return stdout.split("\n").map((row) => row.split("\t")[0] ?? "");
  };
  test.each([
    ["reload expl", "explain"],
    ["reload --prof", "--profile"],
    ["reload --profile=db", "--profile=db:migrate"],
    ["reload --profile my", "my profile"],
    ["reload --only we", "web-1"],
    ["reload explain ma", "main.go"],
    ["reload explain --js", "--json"],
    ["reload completion z", "zsh"],
  ])("%s", (line, expected) => expect(fish(line)).toContain(expected));
  test("nothing of ours behind a COMMAND", () => expect(fish("reload ls --onc")).not.toContain("--once"));
});

describe.skipIf(!needs("zsh"))("zsh completes", () => {
  test.each([
    ["reload expl\t", /reload explain/],
    ["reload --profile=db\t", /reload --profile=db:migrate/],
    ["reload --only w\t", /reload --only web-1/],
    ["reload explain with\t", /reload explain with\\ space\.go/],
    ["reload completion fi\t", /reload completion fish/],
  ])("%j", async (typed, shown) => {
    const file = project.path("_reload");
    writeFileSync(file, script("zsh"));
    await using shell = await terminal(["zsh", "-f", "-i"], { cwd: project.directory });
    shell.type(`PS1='ready> '; autoload -U compinit; compinit -u -D; source '${file}'; echo loa''ded\n`);
    await shell.shows(/loaded\r\n/);
    shell.type(typed);
    await shell.shows(shown);
    expect(shell.screen).not.toMatch(/not found|parse error|bad pattern/);
  });
});
