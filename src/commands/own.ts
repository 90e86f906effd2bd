/** The commands of `reload` itself: what they are given, and which streams they write to. */
import type { OwnCommand } from "../line/argv.ts";
import type { Given } from "../line/options.ts";
import { hasColor, palette } from "../report/colour.ts";
import { type Output, showConfig } from "./config.ts";
import { invocationOf, refuse } from "./usage.ts";

/** Resolves with the exit code. */
export async function own(command: OwnCommand, given: Given): Promise<number> {
  const usage = invocationOf(given, []);
  if (!usage.ok) return refuse(given, [usage.problem]);
  const { invocation } = usage;
  const output = (stream: NodeJS.WriteStream): Output => ({
    write: (text) => void stream.write(text),
    colors: palette(hasColor(given.color, process.env, stream)),
  });
  const streams = { stdout: output(process.stdout), stderr: output(process.stderr) };
  switch (command) {
    case "config":
      return showConfig({ invocation, json: given.json !== undefined, quiet: given.quiet, ...streams });
    case "init": {
      // It is a file for the project that is here: what options would say about it belongs into that file.
      const { initConfig } = await import("./init.ts");
      const { from, force } = given;
      const { cwd, env } = invocation;
      return initConfig({ cwd, env, force, ...streams, ...(from === undefined ? {} : { from }) });
    }
  }
}
