/** A program of a package as keys: what builds it, what runs, and which files count. */
import { relative } from "node:path";
import { ahead } from "./ahead.ts";
import { buildSettings } from "./compile.ts";
import { node } from "./kinds.ts";
import { ofSources } from "./of-outputs.ts";
import { ownFile } from "./own-file.ts";
import { localProgram, type Package } from "./scripts/package.ts";
import { commandOfProgram, type FoundSetting, type Program } from "./scripts/program.ts";
import { filesBesides } from "./scripts/unwatched.ts";

export function nodeSettings(
  pkg: Package,
  called: Program,
): { readonly settings: readonly FoundSetting[]; readonly remarks: readonly string[] } {
  const { program, types } = ahead(called, pkg);
  const built = buildSettings(pkg, program, types);
  const { settings, others } = apart(program.settings);
  const besides = program.settings.flatMap(({ name, raw }) =>
    name === filesBesides && Array.isArray(raw) ? raw.map(String) : [],
  );
  const words = program.words.map(({ text, raw }) => text ?? raw);
  const own = ownFile(words, program.directory, pkg.directory, node.files);
  return {
    settings: [
      ...built.settings,
      ...commandSettings(pkg, program),
      ...(settings.some(({ name }) => name === "watch.include_files")
        ? []
        : [{ name: "watch.include_files", raw: [...node.files, ...besides, ...own] }]),
      ...withExcluded(
        ofSources(settings, built.excluded, node.files).map((each) => including(each, own)),
        [...node.excluded, ...built.excluded],
      ),
      ...others,
    ],
    remarks: [...built.remarks, ...program.remarks, ...program.lost.map((each) => `nodemon's ${each}`)],
  };
}

function apart(settings: readonly FoundSetting[]): {
  settings: readonly FoundSetting[];
  others: readonly FoundSetting[];
} {
  // Of two watchers in a row the outer one had the say.
  const first = [...new Map(settings.toReversed().map((each) => [each.name, each])).values()];
  return {
    settings: first.filter(({ name }) => name.startsWith("watch.")),
    others: first.filter(({ name }) => !name.startsWith("watch.") && name !== filesBesides),
  };
}

const including = ({ name, raw }: FoundSetting, files: readonly string[]): FoundSetting => ({
  name,
  raw: name === "watch.include_files" && Array.isArray(raw) && raw.length > 0 ? [...raw, ...files] : raw,
});

function withExcluded(settings: readonly FoundSetting[], excluded: readonly string[]): FoundSetting[] {
  const own = settings.find(({ name }) => name === "watch.exclude_dirs");
  const list = [...(Array.isArray(own?.raw) ? own.raw : []), ...excluded];
  return [...settings.filter((each) => each !== own), { name: "watch.exclude_dirs", raw: list }];
}

function commandSettings(pkg: Package, program: Program): FoundSetting[] {
  const command = commandOfProgram(program);
  const way = relative(pkg.directory, program.directory).replaceAll("\\", "/");
  return [
    { name: "proc.cmd", raw: typeof command === "string" ? command : resolved(command, program.directory) },
    ...(Object.keys(program.env).length === 0 ? [] : [{ name: "proc.env", raw: program.env }]),
    ...(way === "" ? [] : [{ name: "proc.cwd", raw: way }]),
    ...(program.envFiles.length === 0
      ? []
      : [{ name: "env_files", raw: program.envFiles.map((file) => (way === "" ? file : `${way}/${file}`)) }]),
  ];
}

/** A program that a dependency brought is called by its path: it needs no `PATH`. */
function resolved([program = "", ...args]: readonly string[], directory: string): string[] {
  const isNodes = ["node", "deno", "bun"].includes(program);
  return [(isNodes ? undefined : localProgram(directory, program)) ?? program, ...args];
}
