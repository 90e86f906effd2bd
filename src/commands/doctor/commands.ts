/** What the commands need, and what they could do sooner. */
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, isAbsolute, join, relative, resolve } from "node:path";
import { versionOf } from "../../adapters/system/tool-version.ts";
import type { LoadedConfig } from "../../config/layers/load.ts";
import type { ServiceConfig } from "../../config/layers/service-config.ts";
import { textOfFile } from "../../matchers/texts.ts";
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

/** Of each service: a build that is the top's is looked at once. */
export function toolFindings({ services }: LoadedConfig, env: NodeJS.ProcessEnv): Finding[] {
  return unique([...services.values()].flatMap((service) => toolsOf(service, env)));
}

function toolsOf({ name, config, ground, buildGround, programs }: ServiceConfig, env: NodeJS.ProcessEnv): Finding[] {
  const { commandDirectory } = ground;
  const asked = [
    { key: keyOf(buildGround.owner, "build"), ground: buildGround, at: ".", program: programOf(config.build.cmd) },
    { key: keyOf(name, "proc"), ground, at: config.proc.cwd ?? ".", program: programOf(config.proc.cmd) },
  ];
  return asked.flatMap(({ key, ground: { commandDirectory: root, fileEnv }, at, program }, index): Finding[] => {
    if (program === undefined) return [];
    const directory = resolve(root, at);
    if (program.includes("/") || isAbsolute(program)) {
      const file = resolve(directory, program);
      if (isExecutable(file)) return [fine("tools", `${key}: ${program}`)];
      if (index === 1 && config.build.cmd !== undefined && !existsSync(file))
        return [fine("tools", `${key}: ${program}, which the build has to make`)];
      return [
        existsSync(file)
          ? wrong(
              "tools",
              `${key}: ${program} is not executable`,
              `chmod +x ${relative(commandDirectory, file) || program}`,
            )
          : wrong(
              "tools",
              `${key}: there is no ${program} in ${directory}`,
              "correct the path, or set [build] cmd to make it",
            ),
      ];
    }
    const place = { root, fileEnv, areProgramsInFront: programs.isInFront };
    const path = { ...env, ...withPrograms(env, place) };
    const places = (path["PATH"] ?? "").split(delimiter);
    const found = places.map((each) => join(each, program)).find(isExecutable);
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

/** `[build] cmd`, `[service.api.build] cmd` */
const keyOf = (service: string, section: string): string =>
  `[${service === "" ? "" : `service.${service}.`}${section}] cmd`;

const unique = (findings: readonly Finding[]): Finding[] => [
  ...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values(),
];

const inBrackets = (version: string | undefined): string => (version === undefined ? "" : ` (${version})`);

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What builds could leave out while somebody waits for them. */
export const speedFindings = ({ services }: LoadedConfig): Finding[] => unique([...services.values()].flatMap(speedOf));

function speedOf({ config: { build, proc }, ground, name, buildGround }: ServiceConfig): Finding[] {
  const text = [build.cmd ?? []].flat().join(" ");
  const start = [proc.cmd ?? []].flat().join(" ");
  const ofBuild = keyOf(buildGround.owner, "build");
  const ofStart = keyOf(name, "proc");
  const found: Finding[] = [];
  // Where a debugger is the command, it reads what the flag leaves out.
  if (/\bgo build\b/.test(text) && !/-ldflags[ =]?\S*.*-w/.test(text) && !/\bdlv\b/.test(start))
    found.push(
      slow(
        "time",
        `${ofBuild}: the linker of Go writes debugger information at every build`,
        "go build -ldflags=-w … links sooner (leave it out to debug with dlv)",
      ),
    );
  for (const [key, command] of [
    [ofBuild, text],
    [ofStart, start],
  ] as const) {
    if (/\bgo run\b/.test(command))
      found.push(
        slow(
          "time",
          `${key}: go run links at every start, and hides the program behind itself`,
          'build with [build] cmd = "go build -ldflags=-w -o tmp/main ." and run ./tmp/main',
        ),
      );
    if (/\bcargo (build|run)\b/.test(command) && !hasLinker(ground.commandDirectory))
      found.push(
        slow(
          "time",
          `${key}: cargo links with the default linker`,
          'mold or lld links several times sooner: in .cargo/config.toml, [target.…] rustflags = ["-C", "link-arg=-fuse-ld=mold"]',
        ),
      );
    if (/(^|[\s;&|])(tsc|vue-tsc|mypy|pyright)\b/.test(command))
      found.push(
        slow(
          "time",
          `${key}: a type check stands in front of every start: ${command}`,
          "let the editor and CI check types; build with a tool that only transpiles",
        ),
      );
  }
  return found;
}

function hasLinker(directory: string): boolean {
  try {
    return /linker\s*=|fuse-ld/.test(textOfFile(join(directory, ".cargo/config.toml")));
  } catch {
    return false;
  }
}
