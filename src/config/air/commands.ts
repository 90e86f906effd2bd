/** What air builds and runs, as commands of ours. */
import { isAbsolute, resolve } from "node:path";
import { airProgram, locally, shellQuoted } from "./program.ts";
import { isDefault, type Reader } from "./reader.ts";

export function translateCommands(
  reader: Reader,
  where: { root: string; workingDirectory: string },
  tmpDir: string,
): void {
  const cmd = reader.text("build.cmd");
  reader.set(
    "build.cmd",
    tmpDir !== "tmp" && isDefault(reader, "build.cmd") ? cmd.replace("./tmp/", `./${tmpDir}/`) : cmd,
    "build.cmd",
  );
  reader.set("build.on_fail", reader.is("build.stop_on_error") ? "stop" : "keep", "build.stop_on_error");
  const args = reader.list("build.args_bin");
  const fullBin = reader.text("build.full_bin");
  const entrypoint = reader.list("build.entrypoint");
  if (fullBin !== "") reader.set("proc.cmd", [fullBin, ...args].join(" "), "build.full_bin");
  else if (entrypoint.length > 0)
    reader.set("proc.cmd", entrypointCommand(reader, entrypoint, args, where), "build.entrypoint");
  else reader.set("proc.cmd", [binCommand(reader, tmpDir, where.workingDirectory), ...args].join(" "), "build.bin");
  const lines = (name: string): string[] => reader.list(name).filter((line) => line.trim() !== "");
  reader.set("hooks.before_build", lines("build.pre_cmd"), "build.pre_cmd");
  reader.set("hooks.at_end", lines("build.post_cmd"), "build.post_cmd");
  reader.set("proc.on_exit", reader.is("build.rerun") ? "restart" : "wait", "build.rerun");
}

/** air makes it absolute, so that a bare name is one in the working directory and not one on the path. */
function binCommand(reader: Reader, tmpDir: string, workingDirectory: string): string {
  const written = reader.text("build.bin");
  const separator = reader.platform === "win32" ? "\\" : "/";
  const bin =
    tmpDir !== "tmp" && isDefault(reader, "build.bin")
      ? [...tmpDir.split(/[\\/]/), reader.platform === "win32" ? "main.exe" : "main"].join(separator)
      : written;
  const program = airProgram(bin, reader.text("build.cmd"), workingDirectory);
  if (program.includes(" "))
    return shellQuoted(locally(program, reader.platform), reader.platform) + bin.slice(program.length);
  const isBare = /^\w[\w.-]*$/.test(program) || (bin !== written && !isAbsolute(bin));
  const local = isBare ? `.${separator}${bin}` : bin;
  // cmd takes what follows a slash for an option.
  return reader.platform === "win32" ? local.replace(/^\S+/, (path) => path.replaceAll("/", "\\")) : local;
}

/** A path is relative to `root`, a bare name is looked up. The list is run as it is, unless `args_bin` has something for the shell. */
function entrypointCommand(
  reader: Reader,
  [first = "", ...rest]: readonly string[],
  args: readonly string[],
  where: { readonly root: string; readonly workingDirectory: string },
): unknown {
  const isPath = first.includes("/") || (reader.platform === "win32" && first.includes("\\"));
  const program = isPath ? pathFromRoot(first, where) : first;
  if (args.every((word) => /^[\w@%+=:,./-]+$/.test(word))) return [program, ...rest, ...args];
  return [...[program, ...rest].map((word) => shellQuoted(word, reader.platform)), ...args].join(" ");
}

/** Commands run in the working directory: where that is `root`, the path can stay as it was written. */
function pathFromRoot(path: string, { root, workingDirectory }: { root: string; workingDirectory: string }): string {
  if (root !== workingDirectory) return resolve(root, path);
  return /^(?:\.{0,2}[/\\]|[A-Za-z]:)/.test(path) ? path : `./${path}`;
}
