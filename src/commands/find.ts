/** Which `reload` that runs is meant by whoever wants to talk to one. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { matching, type Registered, registered } from "../adapters/lock/registry.ts";
import type { Given } from "../line/given.ts";
import { printable } from "../report/words.ts";
import type { Io } from "../session/io.ts";

export type FoundSession =
  | { readonly is: "one"; readonly one: Registered }
  | { readonly is: "none"; readonly where: string }
  | { readonly is: "unclear"; readonly message: string };

export function find(given: Pick<Given, "cwd" | "config" | "profile" | "pid">, io: Io): FoundSession {
  const pid = given.pid === undefined ? undefined : Number(given.pid);
  if (pid !== undefined && !Number.isInteger(pid))
    return { is: "unclear", message: `--pid ${given.pid} is not a number` };
  const found = pid === undefined ? foundHere(given, io) : registered().filter((one) => one.pid === pid);
  const [one, other] = found;
  if (one === undefined) return { is: "none", where: whereOf(given) };
  if (other !== undefined)
    return {
      is: "unclear",
      message: `several run here; pick one with --pid N or -c FILE\n${found.map(shown).join("\n")}`,
    };
  return { is: "one", one };
}

function foundHere(given: Pick<Given, "cwd" | "config" | "profile">, io: Io): readonly Registered[] {
  const cwd = resolve(io.cwd(), given.cwd ?? ".");
  const config = given.config === undefined ? undefined : resolve(cwd, given.config);
  return matching(registered(), { cwd, top: topOf(cwd), config, profile: given.profile });
}

function whereOf({ pid, config }: Pick<Given, "pid" | "config">): string {
  if (pid !== undefined) return `with the pid ${pid}`;
  return config === undefined ? "here or above" : `for ${printable(config)}`;
}

const shown = ({ pid, directory, config, profile }: Registered): string =>
  `  pid ${pid}: ${printable(config ?? directory)}${profile === null ? "" : ` --profile ${profile}`}`;

/** The top of the repository: what runs above it is somebody else's. */
function topOf(cwd: string): string | undefined {
  for (let at = cwd; ; at = dirname(at)) {
    if (existsSync(join(at, ".git"))) return at;
    if (dirname(at) === at) return undefined;
  }
}

/** What to do where none runs. */
export const startAdvice = "start one: reload, or reload --background";
