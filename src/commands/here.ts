/** The configuration that a command is about: that of the `reload` that runs here, with all that it was started with, else what would run. */
import { askRunning } from "../adapters/control/running.ts";
import type { ConfigRequest } from "../config/layers/load.ts";
import type { Given } from "../line/given.ts";
import type { Io } from "../session/io.ts";
import { find } from "./find.ts";
import { requestOf, type Usage } from "./usage.ts";

/** What is said on this command line comes on top: `explain -w lib PATH` tells what this one would do if it had been started with that as well. */
export async function requestHere(given: Given, io: Io): Promise<Usage> {
  const usage = requestOf(given, [], io);
  if (!usage.ok) return usage;
  const found = find(given, io);
  if (found.is !== "one") return usage;
  const ending = await askRunning(found.one, { verb: "request", names: [], options: {} });
  if (!isRequest(ending?.value)) return usage;
  const env = Object.entries(io.env).filter(([name]) => !name.startsWith("RELOAD_"));
  const { flags, ...rest } = ending.value;
  const isReplaced = ({ name }: { readonly name: string }): boolean =>
    given.flags.some((flag) => flag.name === name && flag.mode === "replace");
  return {
    ok: true,
    request: {
      ...rest,
      env: { ...Object.fromEntries(env), ...ending.value.env },
      flags: [...flags.filter((flag) => !isReplaced(flag)), ...given.flags],
      ...(given.only.length === 0 ? {} : { only: given.only }),
    },
  };
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
