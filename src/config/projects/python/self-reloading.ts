/** Scripts of Python that watch and start again what they are, as their words tell. */
import { has, textOf } from "../project.ts";
import { filesIn } from "./sources.ts";

/** What is read in the script, who it is, and how it is run. */
type Reloading = readonly [imported: RegExp, isReloading: RegExp, name: string, line: (file: string) => string];

const imports = (name: string): RegExp => new RegExp(`^\\s*(?:import|from)\\s+${name}\\b`, "m");
const always = /(?:)/;

const all: readonly Reloading[] = [
  [imports("streamlit"), always, "streamlit", (file) => `streamlit run ${file}`],
  [imports("chainlit"), always, "chainlit", (file) => `chainlit run ${file} -w`],
  [imports("nicegui"), /\bui\.run\((?![^)]*\breload\s*=\s*False)/, "NiceGUI", (file) => `python ${file}`],
  [imports("fasthtml"), /^serve\((?![^)]*\breload\s*=\s*False)/m, "FastHTML", (file) => `python ${file}`],
  [imports("dash"), /\.run(?:_server)?\([^)]*\bdebug\s*=\s*True/, "Dash", (file) => `python ${file}`],
];

export interface SelfReloading {
  readonly name: string;
  /** How people run it. */
  readonly through: string;
}

export function selfReloading(directory: string, script: string): SelfReloading | undefined {
  const text = textOf(directory, script) ?? "";
  const found = all.find(([imported, isReloading]) => imported.test(text) && isReloading.test(text));
  return found === undefined ? undefined : { name: found[2], through: found[3](script) };
}

/** `Home.py`: pages have any name, and the one that is run lies at the top; of several nobody knows. */
export function streamlitIn(directory: string): string | undefined {
  const [isStreamlit] = all[0] ?? [];
  const names = filesIn(directory).filter(
    (name) => name.endsWith(".py") && isStreamlit?.test(textOf(directory, name) ?? "") === true,
  );
  return names.length === 1 ? names[0] : names.find((name) => name === "streamlit_app.py");
}

/** A line about a reloader that the script switches on by itself. */
export function aboutReloader(directory: string, script: string): string[] {
  const text = textOf(directory, script) ?? "";
  // Their debug mode starts nothing again.
  const isDebugAlone = imports("bottle").test(text) || imports("sanic").test(text);
  const [, switch_] =
    /\b((?:use_)?reload(?:er)?\s*=\s*True|auto_?reload\s*=\s*True|(?<=(?<!asyncio)\.run\([^)]*)(?:debug|dev)\s*=\s*True)\b/.exec(
      isDebugAlone ? text.replaceAll(/\bdebug\s*=\s*True\b/g, "") : text,
    ) ?? [];
  return switch_ === undefined
    ? []
    : [`${script} has a reloader of its own (${switch_.replaceAll(/\s/g, "")}), so that two restart it: leave it out`];
}

/** `reflex run` and the like work by a file of their own. */
export const reloadingByFile = (directory: string): SelfReloading | undefined =>
  has(directory, "rxconfig.py") ? { name: "reflex", through: "reflex run" } : undefined;
