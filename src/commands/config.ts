/** `reload config`: is the configuration valid, and what is in force, with where each value comes from. */
import { isOfOneProgram, ofService, serviceKeys } from "../config/keys/service-keys.ts";
import type { Effective, Effectives } from "../config/layers/layers.ts";
import { type ConfigRequest, type LoadedConfig, load } from "../config/layers/load.ts";
import { type Origins, originsOf } from "../config/layers/origins.ts";
import type { ServiceConfig } from "../config/layers/service-config.ts";
import { inline } from "../config/write/write.ts";
import type { Problem } from "../core/problem.ts";
import type { Colors } from "../report/colour.ts";
import { problemsText } from "../report/problem.ts";
import { printable } from "../report/words.ts";
import { createGuards } from "../session/guards.ts";
import { treesOf } from "../session/trees.ts";

export interface ConfigCommand {
  readonly request: ConfigRequest;
  readonly json: boolean;
  /** Says nothing when there is nothing wrong. */
  readonly quiet: boolean;
  readonly stdout: ConfigOutput;
  readonly stderr: ConfigOutput;
}

export interface ConfigOutput {
  write(text: string): void;
  readonly colors: Colors;
}

/** @returns the exit code: 0, or 2 if the configuration is wrong */
export async function showConfig({ request, json, quiet, stdout, stderr }: ConfigCommand): Promise<number> {
  const read = await load(request);
  const unguarded = read.ok ? await createGuards().problems(read) : [];
  const loaded = unguarded.length === 0 ? read : ({ ok: false, problems: unguarded } as const);
  if (json) {
    if (!quiet || !loaded.ok)
      stdout.write(
        `${JSON.stringify(loaded.ok ? await asJson(loaded) : failureAsJson(loaded.problems), undefined, 2)}\n`,
      );
    return loaded.ok ? 0 : 2;
  }
  if (!loaded.ok) {
    stderr.write(`${problemsText(loaded.problems, stderr.colors)}\n`);
    return 2;
  }
  if (loaded.warnings.length > 0) stderr.write(`${problemsText(loaded.warnings, stderr.colors)}\n\n`);
  if (!quiet) stdout.write(await asText(loaded, stdout.colors));
  return 0;
}

// ── for people: TOML that could be saved, with the origins as comments ─────────────────────────────────────────────

async function asText(loaded: LoadedConfig, colors: Colors): Promise<string> {
  const services = [...loaded.services.values()].filter(({ name }) => name !== "");
  const isMany = services.length > 0;
  const whole = { effectives: loaded.effectives, shows: ({ key }: Effective) => !isMany || !isOfOneProgram(key) };
  const blocks = [
    await tables({ ...whole, above: [] }, colors),
    ...(await Promise.all(
      services.map(({ name, effectives, own }) =>
        tables({ effectives, shows: ({ key }) => own.has(key.name), above: ["service", name] }, colors),
      ),
    )),
  ];
  const rest = isMany ? ["what a service does not say is as at the top, and what the top does not say is not set"] : [];
  const idle = (await idlePatterns(loaded)).map((text) => colors.yellow(`# ${printable(text)}`));
  const head = [...heading(loaded), ...rest].map((text) => colors.dim(`# ${text}`));
  return `${[...head, ...idle, blocks.join("\n\n")].join("\n")}\n`;
}

/** A line for each. A matcher of the user's own is a program, which is not run to show a configuration. */
async function idlePatterns(loaded: LoadedConfig): Promise<string[]> {
  if (loaded.config.watch.matcher !== undefined) return [];
  return (await treesOf(loaded, () => {})).idlePatterns();
}

interface Shown {
  readonly effectives: Effectives;
  shows(effective: Effective): boolean;
  readonly above: readonly string[];
}

async function tables({ effectives, shows, above }: Shown, colors: Colors): Promise<string> {
  const origins = await originsOf({ effectives });
  const isWatched = effectives.get("watch")?.raw !== false;
  const all = [...effectives.values()].filter(
    (effective) => shows(effective) && (isWatched ? effective.key.name !== "watch" : effective.key.section !== "watch"),
  );
  const lines = new Map(all.map((effective) => [effective.key.name, assignment(effective)]));
  const column = Math.min(48, Math.max(...[...lines.values()].map((line) => line.length)));
  const line = ({ key, raw }: Effective): string => {
    const text = (lines.get(key.name) ?? "").padEnd(column);
    const origin = (origins.get(key.name) ?? []).map(printable).join(" + ");
    return `${raw === undefined || origin === "default" ? colors.dim(text) : text}  ${colors.dim("#")} ${origin === "default" ? colors.dim(origin) : colors.cyan(origin)}`;
  };
  const sections = [...new Set(["", ...all.map(({ key }) => key.section)])];
  const blocks = sections.map((section) => {
    const header = [...above, ...(section === "" ? [] : [section])].join(".");
    const lines = all.filter(({ key }) => key.section === section).map(line);
    return [...(header === "" ? [] : [colors.bold(`[${header}]`)]), ...lines].join("\n");
  });
  // A header with nothing below it is one of a table whose other tables follow.
  return blocks.filter((block) => block.includes("=") || block.includes("#")).join("\n\n");
}

function heading({ file, kind, profile, root, commandDirectory, fileEnv, notes }: LoadedConfig): string[] {
  const names = Object.keys(fileEnv).sort();
  return [
    file === undefined ? "no configuration file" : `${file.path}${kind === "air" ? ", read as air's" : ""}`,
    ...(profile === undefined ? [] : [`profile ${profile}`]),
    `watches ${root}${commandDirectory === root ? "" : `, runs commands in ${commandDirectory}`}`,
    ...(names.length === 0 ? [] : [`variables from env_files: ${names.join(", ")}`]),
    ...notes,
  ].map(printable);
}

const assignment = ({ key, raw }: Effective): string =>
  raw === undefined ? `# ${key.leaf}: not set` : `${key.leaf} = ${inline(raw)}`;

// ── for programs ───────────────────────────────────────────────────────────────────────────────────────────────────

async function asJson(loaded: LoadedConfig): Promise<unknown> {
  const origins = await originsOf(loaded);
  const services = [...loaded.services.values()].filter(({ name }) => name !== "");
  return {
    ok: true,
    kind: loaded.kind,
    file: loaded.file?.path ?? null,
    profile: loaded.profile ?? null,
    root: loaded.root,
    commandDirectory: loaded.commandDirectory,
    keys: {
      ...keys(loaded.effectives, origins),
      ...Object.assign({}, ...(await Promise.all(services.map(keysOfService)))),
    },
    envFileVariables: Object.keys(loaded.fileEnv).sort(),
    ...(services.length === 0
      ? {}
      : { services: Object.fromEntries(services.map((service) => [service.name, asService(service)])) }),
    warnings: loaded.warnings.map(problemAsJson),
    notes: [...loaded.notes, ...(await idlePatterns(loaded))],
  };
}

const keys = (effectives: Effectives, origins: Origins, above = ""): Record<string, unknown> =>
  Object.fromEntries(
    [...effectives].map(([name, { raw }]) => [above + name, { value: raw ?? null, origins: origins.get(name) ?? [] }]),
  );

/** Each is whole: what the top says for it as well. */
const keysOfService = async ({ name, effectives }: ServiceConfig): Promise<Record<string, unknown>> =>
  keys(
    new Map([...effectives].filter(([key]) => serviceKeys().has(key))),
    await originsOf({ effectives }),
    ofService(name, ""),
  );

const asService = ({ ground, after, isWatched }: ServiceConfig): unknown => ({
  root: ground.root,
  after,
  isWatched,
  envFileVariables: Object.keys(ground.fileEnv).sort(),
});

const failureAsJson = (problems: readonly Problem[]): unknown => ({ ok: false, problems: problems.map(problemAsJson) });

function problemAsJson({ code, severity, message, place, origin, hint }: Problem): unknown {
  return {
    code,
    severity,
    message,
    ...(place === undefined ? {} : { file: place.file, line: place.line, column: place.column }),
    ...(origin === undefined ? {} : { origin }),
    ...(hint === undefined ? {} : { hint }),
  };
}
