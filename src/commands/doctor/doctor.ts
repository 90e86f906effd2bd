/** `reload doctor`: what works here, what does not, what is slow, and what to do about each. Values of variables are never shown. */
import { release } from "node:os";
import { basename } from "node:path";
import type { Registered } from "../../adapters/lock/registry.ts";
import { holderOfPort, isFree } from "../../adapters/port.ts";
import { environmentHolds, hasProc } from "../../adapters/system/proc.ts";
import { type LoadedConfig, load } from "../../config/layers/load.ts";
import type { ServiceConfig } from "../../config/layers/service-config.ts";
import type { Given } from "../../line/given.ts";
import type { Colors } from "../../report/colour.ts";
import { isSpoken, spoken } from "../../report/spoken.ts";
import { printable } from "../../report/words.ts";
import type { Io } from "../../session/io.ts";
import { countWatched } from "../../session/patterns.ts";
import { treesOf } from "../../session/trees.ts";
import type { ConfigOutput } from "../config.ts";
import { find } from "../find.ts";
import { requestHere } from "../here.ts";
import { speedFindings, toolFindings } from "./commands.ts";
import { type Finding, fine, slow, wrong } from "./finding.ts";
import { guardFindings } from "./guarded.ts";
import { isPollAsked, limitFindings, pollFindings, rootFinding } from "./system.ts";
import { timeFindings } from "./time.ts";
import { patternFindings, watchedFindings } from "./watched.ts";

/** @returns the exit code: 1 if something will not work */
export async function doctor(given: Given, io: Io, stdout: ConfigOutput): Promise<number> {
  const findings = await findingsOf(given, io);
  if (given.json !== undefined) stdout.write(`${JSON.stringify({ findings }, undefined, 2)}\n`);
  else {
    const text = findings.map((finding) => lineOf(finding, stdout.colors)).join("\n");
    stdout.write(`${isSpoken(io.env) ? spoken(text) : text}\n`);
  }
  return findings.some(({ is }) => is === "wrong") ? 1 : 0;
}

const marks = { fine: "●", slow: "▲", wrong: "✖" } as const;

function lineOf({ topic, is, text, advice }: Finding, colors: Colors): string {
  const paint = { fine: colors.green, slow: colors.yellow, wrong: colors.red }[is];
  const head = `${paint(marks[is])} ${topic}: ${printable(text)}`;
  if (advice === undefined) return head;
  // Advice may be several lines of ours.
  return [head, ...advice.split("\n").map((line) => `  ${colors.cyan(printable(line))}`)].join("\n").trimEnd();
}

async function findingsOf(given: Given, io: Io): Promise<Finding[]> {
  const versions = `reload ${io.version()}, Node ${process.versions.node}, ${process.platform} ${release()} ${process.arch}`;
  const found: Finding[] = [fine("versions", versions)];
  const usage = await requestHere(given, io);
  if (!usage.ok)
    return [...found, wrong("configuration", usage.problem.message, usage.problem.hint ?? "correct the option")];
  const loaded = await load(usage.request);
  if (!loaded.ok) return [...found, ...loaded.problems.map(asFinding), ...limitFindings(0, false)];
  const { options, problems } = await treesOf(loaded, () => {});
  const what = loaded.file?.name ?? (loaded.kind === "detected" ? "none; what was found here" : "none");
  found.push(fine("configuration", `${what}${loaded.profile === undefined ? "" : `, profile ${loaded.profile}`}`));
  for (const problem of [...loaded.warnings, ...problems]) found.push(asFinding(problem));
  const running = find(given, io);
  const counted = countWatched(options.trees);
  found.push(...limitFindings(counted.directories, running.is === "one"));
  const isPolled = isPollAsked(options);
  const roots: Finding[] = [];
  for (const base of new Set(options.trees.map((tree) => tree.base))) roots.push(await rootFinding(base, isPolled));
  found.push(...roots, ...(isPolled ? pollFindings(options, roots) : []));
  found.push(...(await guardFindings(loaded, options)));
  found.push(...watchedFindings(counted), ...patternFindings(loaded, counted));
  found.push(
    ...toolFindings(loaded, io.env),
    ...(await portFindings(loaded, running.is === "one" ? running.one : undefined)),
  );
  found.push(
    ...speedFindings(loaded),
    ...(running.is === "one" ? await timeFindings(running.one, loaded, io.env) : []),
  );
  return found;
}

function asFinding({ severity, message, place, origin, hint }: LoadedConfig["warnings"][number]): Finding {
  const where = place === undefined ? origin : `${place.file}:${place.line}:${place.column}`;
  const text = where === undefined ? message : `${where}: ${message}`;
  const advice = hint ?? "see reload config";
  return severity === "error" ? wrong("configuration", text, advice) : slow("configuration", text, advice);
}

/** Those of all services; one that listens where another is asked is one. */
async function portFindings({ services }: LoadedConfig, one: Registered | undefined): Promise<Finding[]> {
  const asked = new Set([...services.values()].flatMap(portsOf));
  const found: Finding[] = [];
  for (const number of asked) {
    if (await isFree(number)) {
      found.push(fine("ports", `${number} is free`));
      continue;
    }
    const holder = holderOfPort(number);
    const who = holder === undefined ? "another process" : `pid ${holder.pid} (${holder.command})`;
    found.push(
      one === undefined
        ? wrong("ports", `${number} is held by ${who}`, "end it, or give the program another port")
        : holder === undefined || isOf(one, holder.pid)
          ? fine("ports", `${number} is held by ${who}`)
          : slow(
              "ports",
              `${number} is held by ${who}, which this reload has not started`,
              "end it, if it is the program that should listen there",
            ),
    );
  }
  return found;
}

/** Itself, or what it has started: that carries its name. */
const isOf = ({ pid, socket }: Registered, holder: number): boolean =>
  !hasProc || holder === pid || environmentHolds(holder, Buffer.from(basename(socket, ".sock"))) !== "no";

function portsOf({ config: { ready, proxy, sockets }, port }: ServiceConfig): number[] {
  const url = ready.http === undefined || ready.http.startsWith("/") ? undefined : new URL(ready.http);
  const tcp = ready.tcp === "auto" || ready.tcp === undefined ? undefined : ready.tcp.port;
  const places = [proxy.listen, proxy.target, ...sockets.listen].map((place) => field(place, "port"));
  return [port, tcp, url?.port ? Number(url.port) : undefined, ...places].filter((one) => typeof one === "number");
}

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
