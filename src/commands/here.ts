/** The configuration that a command is about: that of the `reload` that runs here, with all that it was started with, else what would run. */
import { askSession } from "../adapters/control/channel.ts";
import type { ConfigRequest } from "../config/layers/load.ts";
import type { Given } from "../line/given.ts";
import type { Io } from "../session/io.ts";
import { find } from "./find.ts";
import { requestOf, type Usage } from "./usage.ts";

/** What is said by keys on this command line is about what would be, not about what runs. */
export async function requestHere(given: Given, io: Io): Promise<Usage> {
  const usage = requestOf(given, [], io);
  if (!usage.ok || given.flags.length > 0 || given.only.length > 0) return usage;
  const found = find(given, io);
  if (found.is !== "one") return usage;
  const ending = await askSession(found.one.socket, { verb: "request", names: [], options: {} });
  if (!isRequest(ending?.value)) return usage;
  const env = Object.entries(io.env).filter(([name]) => !name.startsWith("RELOAD_"));
  return { ok: true, request: { ...ending.value, env: { ...Object.fromEntries(env), ...ending.value.env } } };
}

const isRequest = (value: unknown): value is ConfigRequest =>
  typeof value === "object" &&
  value !== null &&
  "cwd" in value &&
  typeof value.cwd === "string" &&
  "flags" in value &&
  Array.isArray(value.flags) &&
  "env" in value &&
  typeof value.env === "object";
