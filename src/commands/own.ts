/** The commands of `reload` itself: what they are given, and which streams they write to. */
import type { OwnCommand } from "../line/commands.ts";
import type { Given } from "../line/given.ts";
import { hasColor, palette } from "../report/colour.ts";
import type { Io, OutputStream } from "../session/io.ts";
import { type ConfigOutput, showConfig } from "./config.ts";
import { requestHere } from "./here.ts";
import { refuseUsage, requestOf } from "./usage.ts";

const verbs = [
  "status",
  "start",
  "restart",
  "stop",
  "wait",
  "pause",
  "resume",
  "versions",
  "rollback",
  "logs",
  "url",
  "refresh",
] as const;

const isVerb = (command: OwnCommand): command is (typeof verbs)[number] => verbs.some((verb) => verb === command);

/** Resolves with the exit code. */
export async function own(command: OwnCommand, given: Given, io: Io): Promise<number> {
  const usage = requestOf(given, [], io);
  // Whoever names a process need not be anywhere.
  if (!usage.ok && given.pid === undefined) return refuseUsage(given, [usage.problem], io);
  if (isVerb(command)) {
    const { control } = await import("./control.ts");
    return control(command, given, io);
  }
  if (command === "mcp") {
    const { serveMcp: serve } = await import("./mcp/server.ts");
    return serve(given, io);
  }
  if (!usage.ok) return refuseUsage(given, [usage.problem], io);
  const { request } = usage;
  const output = (stream: OutputStream): ConfigOutput => ({
    write: (text) => void stream.write(text),
    colors: palette(hasColor(given.color, io.env, stream)),
  });
  const streams = { stdout: output(io.stdout), stderr: output(io.stderr) };
  switch (command) {
    case "config":
      return showConfig({ request, json: given.json !== undefined, quiet: given.quiet, ...streams });
    case "init": {
      // It is a file for the project that is here: what options would say about it belongs into that file.
      const { hasConfig, initConfig } = await import("./init.ts");
      const { from, force } = given;
      const { cwd, env } = request;
      if (given.agents) {
        const { writeAgents } = await import("./agents.ts");
        const code = writeAgents(cwd, streams.stdout, streams.stderr);
        // A project that has its configuration has been asked for nothing else.
        if (code !== 0 || (from === undefined && !force && hasConfig(cwd))) return code;
      }
      return initConfig({ cwd, env, force, ...streams, ...(from === undefined ? {} : { from }) });
    }
    case "explain": {
      const { explain } = await import("./explain.ts");
      // One that runs may have been started with more than the file says.
      const here = await requestHere(given, io);
      const asked = here.ok ? here.request : request;
      return explain({
        request: asked,
        from: request.cwd,
        paths: given.words,
        json: given.json !== undefined,
        ...streams,
      });
    }
    case "doctor": {
      const { doctor } = await import("./doctor/doctor.ts");
      return doctor(given, io, streams.stdout);
    }
    case "completion": {
      const { completion } = await import("../line/completion/completion.ts");
      streams.stdout.write(completion(given.words[0] ?? ""));
      return 0;
    }
    // Both are answered where the options are read.
    case "help":
    case "version":
      return 0;
  }
}
