/** What `reload init` writes where it is told from which file: air's, nodemon's, a Procfile. */
import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { problemsIn } from "../config/check/complain.ts";
import { homeOfUser } from "../config/layers/discover.ts";
import { load } from "../config/layers/load.ts";
import { readText, type SourceText, unreadable } from "../config/text/source.ts";
import { parseToml } from "../config/text/toml.ts";
import type { Draft } from "../config/write/compose.ts";
import type { Problem } from "../core/problem.ts";

export type InitPlan =
  | {
      readonly ok: true;
      readonly draft: Draft;
      /** For the user, after the file was written. */
      readonly said: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

interface Place {
  /** Absolute. */
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Where editors find what the keys mean: beside an installed `reload`, else on the web. */
export function schemaFor(cwd: string): string {
  const local = "node_modules/reload-dev/schema.json";
  return existsSync(join(cwd, local)) ? `./${local}` : "https://unpkg.com/reload-dev/schema.json";
}

export async function planFromFile({ cwd, env }: Place, from: string): Promise<InitPlan> {
  const path = resolve(cwd, from);
  const read = readText(path);
  if (read.is !== "text") return { ok: false, problems: [unreadable(from, read)] };
  const source: SourceText = { path, name: from, text: read.text };
  if (/procfile/i.test(basename(path))) return planFromProcfile(source, cwd, env);
  return path.endsWith(".json") ? planFromNodemon(source, cwd) : planFromAir(source, cwd, env);
}

async function planFromProcfile({ name, text }: SourceText, cwd: string, env: NodeJS.ProcessEnv): Promise<InitPlan> {
  const { servicesOf } = await import("../config/projects/procfile.ts");
  const services = servicesOf(text, cwd, env);
  if (services !== undefined && services.names.length > 0)
    return translated(name, services.settings, services.remarks, cwd);
  const message = "there is no program in it: each line is NAME: COMMAND";
  return { ok: false, problems: [{ code: "init/failed", severity: "error", origin: name, message }] };
}

async function planFromAir(source: SourceText, cwd: string, env: NodeJS.ProcessEnv): Promise<InitPlan> {
  const parsed = parseToml(source);
  if (!parsed.ok) return { ok: false, problems: [parsed.problem] };
  const [{ isAirFile }, { draftFromAir }] = await Promise.all([
    import("../config/air/air.ts"),
    import("../config/air/draft.ts"),
  ]);
  if (!isAirFile(parsed.table, source.path))
    return {
      ok: false,
      problems: [
        {
          code: "init/failed",
          severity: "error",
          origin: source.name,
          message: "not a configuration of air: it has none of air's keys",
        },
      ],
    };
  // What does not run as it is does not when it is translated: a root that is not there would be one of nothing to watch.
  const asItIs = await load({ cwd, env: {}, flags: [], configFile: source.name });
  if (!asItIs.ok) return asItIs;
  const { settings, lost, complaints } = draftFromAir(parsed.table, cwd, homeOfUser(env));
  if (complaints.length > 0) return { ok: false, problems: await problemsIn(source, complaints) };
  return translated(source.name, settings, lost, cwd);
}

async function planFromNodemon(source: SourceText, cwd: string): Promise<InitPlan> {
  const json = jsonObject(source.text);
  const problem = (message: string): InitPlan => ({
    ok: false,
    problems: [{ code: "init/failed", severity: "error", origin: source.name, message }],
  });
  if (json === undefined) return problem("not a JSON object");
  const isPackage = basename(source.path) === "package.json";
  const config = isPackage ? json["nodemonConfig"] : json;
  if (typeof config !== "object" || config === null || Array.isArray(config))
    return problem('there is no "nodemonConfig" in it');
  const beside = readText(join(dirname(source.path), "package.json"));
  const manifest = isPackage ? json : beside.is === "text" ? jsonObject(beside.text) : undefined;
  const main = typeof manifest?.["main"] === "string" ? manifest["main"] : undefined;
  const { draftFromNodemon } = await import("../config/nodemon/draft.ts");
  const { settings, lost } = draftFromNodemon({ ...config }, cwd, main);
  const hasCommand = settings.some(({ name }) => name === "proc.cmd");
  const placeholder = hasCommand ? [] : [{ name: "proc.cmd", raw: "node ." }];
  return translated(source.name, [...settings, ...placeholder], lost, cwd);
}

function translated(name: string, settings: Draft["settings"], lost: readonly string[], cwd: string): InitPlan {
  const list = lost.length === 0 ? [] : ["without a counterpart:", ...lost.map((line) => `  ${line}`)];
  const heading = [
    `Translated from ${name} by reload init.`,
    "reload config prints every key with its value and where it comes from.",
  ];
  return {
    ok: true,
    draft: { schema: schemaFor(cwd), heading, settings, offers: [], remarks: list, explained: false },
    said: [`translated from ${name}`, ...list],
  };
}

function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
