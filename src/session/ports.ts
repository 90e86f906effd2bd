/** Which port must be free before a run is started: the one that its readiness check asks for. */
import { addressesOf, isThisMachine, withoutBrackets } from "../adapters/ready/addresses.ts";
import type { Plan } from "../core/types.ts";
import type { RunPlace } from "./proxy/run-places.ts";
import type { GuardedPort } from "./run.ts";
import type { ProcessSettings, ServiceSettings } from "./service-settings.ts";

/** How long our own old run's port may take to become free after its end, in milliseconds. */
const portGraceMs = 2_000;

interface Guards {
  readonly settings: ServiceSettings;
  readonly plan: Plan;
  readonly place: RunPlace | undefined;
}

/** A port on this machine that the check will ask: nobody else may have it when the program starts. */
export function guarded(
  { settings: { name, ready, fileEnv, sockets }, plan, place: given }: Guards,
  program: ProcessSettings,
  run: number,
  { env, told }: { readonly env: NodeJS.ProcessEnv; readonly told: Set<string> },
): GuardedPort | undefined {
  if (plan.services.get(name)?.swap === "start-first") return undefined;
  // One that was chosen for the run is free.
  if (given !== undefined && given.fixed === undefined) return undefined;
  const place = given?.fixed ?? placeOf(ready);
  if (place === undefined || (place.host !== undefined && !isThisMachine(place.host))) return undefined;
  const number = place.port;
  // It is open already, by us.
  if (sockets.some((socket) => socket.is === "port" && socket.port === number)) return undefined;
  return {
    number,
    graceMs: run === 1 ? 0 : portGraceMs,
    addresses: addressesOf(place.host),
    // What a URL names may as well be a proxy: the port is the program's own if it is told of it.
    isOwn: given !== undefined || ready?.by === "tcp" || knows(program, { ...fileEnv, ...env, ...program.env }, number),
    isFinal: plan.once,
    told,
  };
}

function placeOf(
  ready: ServiceSettings["ready"],
): { readonly host: string | undefined; readonly port: number } | undefined {
  if (ready?.by === "tcp") return ready;
  if (ready?.by !== "http") return undefined;
  const { hostname, port, protocol } = new URL(ready.url);
  return { host: withoutBrackets(hostname), port: port === "" ? (protocol === "https:" ? 443 : 80) : Number(port) };
}

function knows({ command, args }: ProcessSettings, env: NodeJS.ProcessEnv, port: number): boolean {
  const words = [command, ...args].flat().join(" ");
  return env["PORT"] === String(port) || new RegExp(`(?<!\\d)${port}(?!\\d)`).test(words);
}
