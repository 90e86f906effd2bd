#!/usr/bin/env node
/** argv → a command → an exit code. What is heavy is imported behind the decision; nothing else ends the process. */
import { cut } from "./argv.ts";
import { keys } from "./config/flags.ts";
import { readOptions } from "./options.ts";
import { version } from "./version.ts";

async function main(argv: readonly string[]): Promise<number> {
  const line = cut(argv, keys.takesValue);
  if (line.later !== undefined) {
    process.stderr.write(
      `error: reload ${line.later} is not available yet\n  to run a program of that name: reload -- ${line.later}\n`,
    );
    return 2;
  }
  const options = readOptions(line, keys, version);
  if (options.is === "answered") {
    process[options.stream].write(options.text);
    return options.code;
  }
  switch (line.command) {
    case "config":
      return (await import("./commands/config.ts")).config(options);
    case "init":
      return (await import("./commands/init.ts")).init(options);
    case undefined:
      return (await import("./commands/run.ts")).run(options);
  }
}

process.exitCode = await main(process.argv.slice(2));
