/** `reload`: watch, build, run, until somebody asks for the end. */
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { relative } from "node:path";
import { now } from "../adapters/clock.ts";
import { createGuardian } from "../adapters/guardian.ts";
import { type Lock, lock } from "../adapters/lock.ts";
import { listen, rememberModes } from "../adapters/signals.ts";
import { commands, laterCommands } from "../argv.ts";
import { createChangedFiles } from "../changed.ts";
import { durationMs } from "../config/duration.ts";
import { type Invocation, type LoadedConfig, load } from "../config/load.ts";
import { nearest } from "../config/suggest.ts";
import { createEngine } from "../engine.ts";
import type { Given } from "../options.ts";
import { hasColor, palette } from "../report/colour.ts";
import type { Moment, Note } from "../report/moment.ts";
import { printProblem } from "../report/problem.ts";
import { type Circumstances, type Settings, settingsOf } from "../settings.ts";
import { version } from "../version.ts";
import { createWorld } from "../world.ts";
import { openReporters } from "./reporters.ts";
import { invocationOf, refuse } from "./usage.ts";

export async function run(given: Given): Promise<number> {
  const usage = invocationOf(given);
  if (!usage.ok) return refuse(given, [usage.problem]);
  const { invocation } = usage;
  const forMs = given.for === undefined ? undefined : durationMs(given.for);
  if (given.for !== undefined && forMs === undefined) {
    return refuse(given, [{ severity: "error", origin: "--for", message: `"${given.for}" is no duration: "500ms", "2s", "1m30s" or whole milliseconds` }]);
  }
  const loaded = await load(invocation);
  if (!loaded.ok) return refuse(given, loaded.problems);
  const circumstances: Circumstances = { once: given.once, forMs, postpone: given.postpone, commandGiven: invocation.command !== undefined };
  return new Session(given, invocation, loaded, circumstances).live();
}
