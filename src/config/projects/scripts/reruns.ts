/** Programs that run a command again on every change, and bundlers that start one once they are through. */
import { peelEverywhere, peelOptions } from "./options.ts";
import { ownStart } from "./own-start.ts";
import type { Package } from "./package.ts";
import { type Word, word } from "./shell.ts";
import { isSet, type Unwatch, type Unwatched, watchedDirectories } from "./unwatched.ts";

/** A bundler that starts something once it is through. */
export function fromBundler(name: string): Unwatch {
  return (args, { directory }) => {
    // Both spellings are one to the parser that they use.
    const hooks = ["--onSuccess", "--on-success"];
    const own = [...hooks, "--watch", "-w", "--ignore-watch"];
    // `--watch src` has a value, `--watch --format esm` has none.
    const words = args.filter(
      (each, at) => !(at > 0 && ["--watch", "-w"].includes(args[at - 1]?.text ?? "") && !each.raw.startsWith("-")),
    );
    const { kept, dropped, rest } = peelEverywhere(words, { values: [...hooks, "--ignore-watch"], dropped: own });
    const [command = ownStart(directory, name)] = hooks.flatMap((hook) => dropped.get(hook) ?? []);
    if (command === undefined || !isSet(dropped, "--watch", "-w")) return undefined;
    return {
      watcher: `${name} --watch`,
      starts: command,
      build: [name, ...[...kept, ...rest].map(({ raw }) => raw)].join(" "),
    };
  };
}

export function fromTscWatch(args: readonly Word[]): Unwatched | undefined {
  const hooks = [
    "--onSuccess",
    "--onFirstSuccess",
    "--onFailure",
    "--onEmit",
    "--onCompilationStarted",
    "--onCompilationComplete",
  ];
  const valued = [...hooks, "--onEmitDebounceMs", "--maxNodeMem", "--compiler", "--compileCommand"];
  const switches = [
    "--noColors",
    "--noClear",
    "--silent",
    "--signalEmittedFiles",
    "--watch",
    "-w",
    "--preserveWatchOutput",
  ];
  const { kept, dropped } = peelEverywhere(args, { values: valued, dropped: [...valued, ...switches] });
  const command = dropped.get("--onSuccess")?.[0] ?? dropped.get("--onFirstSuccess")?.[0];
  const compiler = dropped.get("--compileCommand")?.[0] ?? "tsc";
  const build = [compiler, ...kept.map(({ raw }) => raw)].join(" ");
  return command === undefined ? undefined : { watcher: "tsc-watch", starts: command, build };
}

export function fromSupervisor(args: readonly Word[], pkg: Package): Unwatched | undefined {
  const valued = [
    "-w",
    "--watch",
    "-i",
    "--ignore",
    "-p",
    "--poll-interval",
    "-e",
    "--extensions",
    "-x",
    "--exec",
    "-n",
    "--no-restart-on",
    "-pid",
    "--save-pid",
  ];
  const switches = [
    "--instant-kill",
    "-q",
    "--quiet",
    "-V",
    "--verbose",
    "-t",
    "--timestamp",
    "--force-watch",
    "-s",
    "-k",
    "-RV",
  ];
  const { dropped, rest } = peelOptions(args, { values: valued, dropped: [...valued, ...switches] });
  const program = dropped.get("-x")?.[0] ?? dropped.get("--exec")?.[0] ?? "node";
  const directories = [...(dropped.get("-w") ?? []), ...(dropped.get("--watch") ?? [])].flatMap((list) =>
    list.split(","),
  );
  // Without `--` its last word alone is the program.
  const starts = args.some(({ text }) => text === "--") ? rest : rest.slice(-1);
  return starts.length === 0
    ? undefined
    : { watcher: "supervisor", starts: [word(program), ...starts], settings: watchedDirectories(directories, pkg) };
}

/** `WATCHER patterns -- command`. */
export function afterDashes(watcher: string): Unwatch {
  return (args) => {
    const at = args.findIndex(({ text }) => text === "--");
    return at < 0 || at === args.length - 1 ? undefined : { watcher, starts: args.slice(at + 1) };
  };
}

export function fromChokidar(args: readonly Word[]): Unwatched | undefined {
  const at = args.findIndex(({ text }) => text === "-c" || text === "--command");
  const command = args[at + 1]?.text;
  return at < 0 || command === undefined ? undefined : { watcher: "chokidar", starts: command };
}

export function fromWatchexec(args: readonly Word[]): Unwatched | undefined {
  const valued = [
    "-e",
    "--exts",
    "-w",
    "--watch",
    "-i",
    "--ignore",
    "-f",
    "--filter",
    "-d",
    "--debounce",
    "-s",
    "--signal",
    "--stop-signal",
    "-E",
  ];
  const { rest } = peelOptions(args, { values: valued, dropped: [] });
  const [only] = rest;
  if (only === undefined) return undefined;
  return { watcher: "watchexec", starts: rest.length === 1 && only.text !== undefined ? only.text : rest };
}
