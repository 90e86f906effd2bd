/** What air builds and runs, as commands of ours. */
import { isAbsolute, resolve } from "node:path";
import { airProgram, locally, shellQuoted } from "./program.ts";
import { isDefault, type Reader } from "./reader.ts";

export function translateCommands(
  its: Reader,
  where: { root: string; workingDirectory: string },
  tmpDir: string,
): void {
  const cmd = its.text("build.cmd");
  its.set(
    "build.cmd",
    tmpDir !== "tmp" && isDefault(its, "build.cmd") ? cmd.replace("./tmp/", `./${tmpDir}/`) : cmd,
    "build.cmd",
  );
  its.set("build.on_fail", its.is("build.stop_on_error") ? "stop" : "keep", "build.stop_on_error");
  const args = its.list("build.args_bin");
  const fullBin = its.text("build.full_bin");
  const entrypoint = its.list("build.entrypoint");
  if (fullBin !== "") its.set("proc.cmd", [fullBin, ...args].join(" "), "build.full_bin");
  else if (entrypoint.length > 0)
    its.set("proc.cmd", entrypointCommand(its, entrypoint, args, where), "build.entrypoint");
  else its.set("proc.cmd", [binCommand(its, tmpDir, where.workingDirectory), ...args].join(" "), "build.bin");
  const lines = (name: string): string[] => its.list(name).filter((line) => line.trim() !== "");
  its.set("hooks.before_build", lines("build.pre_cmd"), "build.pre_cmd");
  its.set("hooks.at_end", lines("build.post_cmd"), "build.post_cmd");
  its.set("proc.on_exit", its.is("build.rerun") ? "restart" : "wait", "build.rerun");
}

/** air makes it absolute, so that a bare name is one in the working directory and not one on the path. */
function binCommand(its: Reader, tmpDir: string, workingDirectory: string): string {
  const written = its.text("build.bin");
  const separator = its.platform === "win32" ? "\\" : "/";
  const bin =
    tmpDir !== "tmp" && isDefault(its, "build.bin")
      ? [...tmpDir.split(/[\\/]/), its.platform === "win32" ? "main.exe" : "main"].join(separator)
      : written;
  const program = airProgram(bin, its.text("build.cmd"), workingDirectory);
  if (program.includes(" "))
    return shellQuoted(locally(program, its.platform), its.platform) + bin.slice(program.length);
  const isBare = /^\w[\w.-]*$/.test(program) || (bin !== written && !isAbsolute(bin));
  const local = isBare ? `.${separator}${bin}` : bin;
  // cmd takes what follows a slash for an option.
  return its.platform === "win32" ? local.replace(/^\S+/, (path) => path.replaceAll("/", "\\")) : local;
}

/** A path is relative to `root`, a bare name is looked up. The list is run as it is, unless `args_bin` has something for the shell. */
function entrypointCommand(
  its: Reader,
  [first = "", ...rest]: readonly string[],
  args: readonly string[],
  where: { readonly root: string; readonly workingDirectory: string },
): unknown {
  const isPath = first.includes("/") || (its.platform === "win32" && first.includes("\\"));
  const program = isPath ? pathFromRoot(first, where) : first;
  if (args.every((word) => /^[\w@%+=:,./-]+$/.test(word))) return [program, ...rest, ...args];
  return [...[program, ...rest].map((word) => shellQuoted(word, its.platform)), ...args].join(" ");
}

/** Commands run in the working directory: where that is `root`, the path can stay as it was written. */
function pathFromRoot(path: string, { root, workingDirectory }: { root: string; workingDirectory: string }): string {
  if (root !== workingDirectory) return resolve(root, path);
  return /^(?:\.{0,2}[/\\]|[A-Za-z]:)/.test(path) ? path : `./${path}`;
}
