/** What the commands need, and what they could do sooner. */
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import { versionOf } from "../../adapters/system/tool-version.ts";
import type { LoadedConfig } from "../../config/layers/load.ts";
import { withPrograms } from "../../session/programs.ts";
import { type Finding, fine, slow, wrong } from "./finding.ts";

type Command = LoadedConfig["config"]["proc"]["cmd"];

/** The program that a command begins with; `undefined` where only a shell can tell. */
function programOf(command: Command): string | undefined {
  if (command === undefined) return undefined;
  if (typeof command !== "string") return command[0];
  const words = command.trim().split(/\s+/);
  const first = words.find((word) => !/^\w+=/.test(word));
  return first === undefined || /["'$`|&;<>()]/.test(first) || builtIns.has(first) ? undefined : first;
}

const builtIns = new Set([
  "cd",
  "exec",
  "export",
  "if",
  "for",
  "while",
  "set",
  "test",
  "[",
  "!",
  "{",
  ".",
  "source",
  "echo",
  "eval",
  "true",
  "false",
  ":",
]);

export function toolFindings(loaded: LoadedConfig, env: NodeJS.ProcessEnv): Finding[] {
  const { config, commandDirectory, fileEnv, programs } = loaded;
  const place = { root: commandDirectory, fileEnv, areProgramsInFront: programs.isInFront };
  const path = { ...env, ...withPrograms(env, place) };
  const places = (path["PATH"] ?? "").split(delimiter);
  const asked = [
    { key: "[build] cmd", directory: commandDirectory, program: programOf(config.build.cmd) },
    {
      key: "[proc] cmd",
      directory: resolve(commandDirectory, config.proc.cwd ?? "."),
      program: programOf(config.proc.cmd),
    },
  ];
  return asked.flatMap(({ key, directory, program }): Finding[] => {
    if (program === undefined) return [];
    if (program.includes("/") || isAbsolute(program)) {
      const file = resolve(directory, program);
      if (isExecutable(file)) return [fine("tools", `${key}: ${program}`)];
      if (key === "[proc] cmd" && config.build.cmd !== undefined && !existsSync(file))
        return [fine("tools", `${key}: ${program}, which the build has to make`)];
      return [
        existsSync(file)
          ? wrong("tools", `${key}: ${program} is not executable`, `chmod +x ${program}`)
          : wrong(
              "tools",
              `${key}: there is no ${program} in ${directory}`,
              "correct the path, or set [build] cmd to make it",
            ),
      ];
    }
    const found = places.map((place) => join(place, program)).find(isExecutable);
    return [
      found === undefined
        ? wrong(
            "tools",
            `${key}: ${program} is not on the PATH`,
            "install it, or put the directory that has it on the PATH",
          )
        : fine("tools", `${key}: ${program} is ${found}${inBrackets(versionOf(program, found))}`),
    ];
  });
}

const inBrackets = (version: string | undefined): string => (version === undefined ? "" : ` (${version})`);

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What a build could leave out while somebody waits for it. */
export function speedFindings({ config: { build, proc }, commandDirectory }: LoadedConfig): Finding[] {
  const text = [build.cmd ?? []].flat().join(" ");
  const start = [proc.cmd ?? []].flat().join(" ");
  const found: Finding[] = [];
  if (/\bgo build\b/.test(text) && !/-ldflags[ =]?\S*.*-w/.test(text))
    found.push(
      slow(
        "time",
        "the linker of Go writes debugger information at every build",
        "go build -ldflags=-w … links sooner (leave it out to debug with dlv)",
      ),
    );
  if (/\bgo run\b/.test(start))
    found.push(
      slow(
        "time",
        "go run links at every start, and hides the program behind itself",
        'build with [build] cmd = "go build -o tmp/main ." and run ./tmp/main',
      ),
    );
  if (/\bcargo (build|run)\b/.test(`${text} ${start}`) && !hasLinker(commandDirectory))
    found.push(
      slow(
        "time",
        "cargo links with the default linker",
        'mold or lld links several times sooner: in .cargo/config.toml, [target.…] rustflags = ["-C", "link-arg=-fuse-ld=mold"]',
      ),
    );
  if (/(^|[\s;&|])(tsc|vue-tsc|mypy|pyright)\b/.test(text))
    found.push(
      slow(
        "time",
        `a type check stands in front of every start: ${text}`,
        "let the editor and CI check types; build with a tool that only transpiles",
      ),
    );
  return found;
}

function hasLinker(directory: string): boolean {
  try {
    return /linker\s*=|fuse-ld/.test(readFileSync(join(directory, ".cargo/config.toml"), "utf8"));
  } catch {
    return false;
  }
}
