/** `reload config`: is the configuration valid, and what is in force, with where each value comes from. */
import type { Effective } from "../config/layers/layers.ts";
import { type ConfigRequest, type LoadedConfig, load } from "../config/layers/load.ts";
import { originsOf } from "../config/layers/origins.ts";
import { inline } from "../config/write/write.ts";
import type { Problem } from "../core/problem.ts";
import type { Colors } from "../report/colour.ts";
import { problemsText } from "../report/problem.ts";
import { printable } from "../report/words.ts";

export interface ConfigCommand {
  readonly request: ConfigRequest;
  readonly json: boolean;
  /** Says nothing when there is nothing wrong. */
  readonly quiet: boolean;
  readonly stdout: Output;
  readonly stderr: Output;
}

export interface Output {
  write(text: string): void;
  readonly colors: Colors;
}

/** @returns the exit code: 0, or 2 if the configuration is wrong */
export async function showConfig({ request, json, quiet, stdout, stderr }: ConfigCommand): Promise<number> {
  const loaded = await load(request);
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
  const origins = await originsOf(loaded);
  const all = [...loaded.effectives.values()];
  const lines = new Map(all.map((effective) => [effective.key.name, assignment(effective)]));
  const column = Math.min(48, Math.max(...[...lines.values()].map((line) => line.length)));
  const line = ({ key, raw }: Effective): string => {
    const text = (lines.get(key.name) ?? "").padEnd(column);
    const origin = (origins.get(key.name) ?? []).map(printable).join(" + ");
    return `${raw === undefined || origin === "default" ? colors.dim(text) : text}  ${colors.dim("#")} ${origin === "default" ? colors.dim(origin) : colors.cyan(origin)}`;
  };
  const sections = [...new Set(all.map(({ key }) => key.section))];
  const blocks = sections.map((section) => {
    const head = section === "" ? [] : [colors.bold(`[${section}]`)];
    return [...head, ...all.filter(({ key }) => key.section === section).map(line)].join("\n");
  });
  return `${[...heading(loaded).map((text) => colors.dim(`# ${text}`)), blocks.join("\n\n")].join("\n")}\n`;
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
  return {
    ok: true,
    kind: loaded.kind,
    file: loaded.file?.path ?? null,
    profile: loaded.profile ?? null,
    root: loaded.root,
    commandDirectory: loaded.commandDirectory,
    keys: Object.fromEntries(
      [...loaded.effectives].map(([name, { raw }]) => [name, { value: raw ?? null, origins: origins.get(name) ?? [] }]),
    ),
    envFileVariables: Object.keys(loaded.fileEnv).sort(),
    warnings: loaded.warnings.map(problemAsJson),
    notes: loaded.notes,
  };
}

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
