/** The lines of a Procfile, as foreman and its like read them, and those programs in a script. */
import { has, textOf } from "../project.ts";
import { peelEverywhere } from "./options.ts";
import type { Package } from "./package.ts";
import type { RunnerStart } from "./runners.ts";
import type { Word } from "./shell.ts";

/** What foreman and overmind give the first program as its `PORT`, where nobody says another, and what they add for each. */
const firstPort = 5_000;
const step = 100;

interface ProcfileLine {
  readonly name: string;
  readonly command: string;
  /** `PORT` of this one. */
  readonly port: number;
}

/** As foreman does it: what is not `name: command` is passed over. */
export function procfileLines(text: string, directory: string, env: NodeJS.ProcessEnv, given?: string): ProcfileLine[] {
  const inFile = /^PORT=(.*)$/m.exec(textOf(directory, ".env") ?? "")?.[1];
  const base = portIn(given) ?? portIn(env["PORT"]) ?? portIn(inFile) ?? firstPort;
  return text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .flatMap((line) => {
      const [, name, command] = /^([A-Za-z0-9_-]+):\s*(.+?)\s*$/.exec(line) ?? [];
      return name === undefined || command === undefined ? [] : [{ name, command }];
    })
    .map((line, index) => ({ ...line, port: base + index * step }));
}

const portIn = (text: string | undefined): number | undefined =>
  text !== undefined && /^["']?\d{2,5}["']?\s*$/.test(text) ? Number(text.replaceAll(/["'\s]/g, "")) : undefined;

/** What of their own settings is known; with any other one they are run as they are. */
const options = {
  file: ["-f", "--procfile"],
  env: ["-e", "--env"],
  port: ["-p", "--port"],
  only: ["-l", "--processes"],
};
const passed = ["--no-timestamp", "--timestamp", "--color", "--no-colour", "--no-color", "-t", "--timeout"];

/** `foreman start -f Procfile.local`, `nf start web`, `hivemind Procfile.local`: each line is a program. */
export const fromProcfile =
  (program: "foreman" | "nf" | "honcho" | "hivemind" | "overmind") =>
  (args: readonly Word[], { directory, env }: Package): RunnerStart | undefined => {
    const hasVerb = program !== "hivemind";
    if (hasVerb && args[0]?.text !== "start" && args[0]?.text !== "s") return undefined;
    // https://github.com/strongloop/node-foreman: -f is the port of its proxy.
    const known = { ...options, file: program === "nf" ? ["-j", "--procfile"] : options.file };
    const valued = Object.values(known).flat();
    const { kept, dropped } = peelEverywhere(hasVerb ? args.slice(1) : args, {
      values: [...valued, "-t", "--timeout"],
      dropped: [...valued, ...passed],
    });
    const given = (names: readonly string[]): string | undefined =>
      names.flatMap((name) => dropped.get(name) ?? []).at(-1);
    const words = kept.map(({ text, raw }) => text ?? raw);
    if (words.some((each) => each.startsWith("-"))) return undefined;
    const file = given(known.file) ?? (hasVerb ? undefined : words[0]) ?? "Procfile";
    const chosen = [...(hasVerb ? words : []), given(known.only) ?? ""].flatMap((each) => each.split(","));
    const names = new Set(chosen.filter((each) => each !== ""));
    const text = textOf(directory, file);
    const all = procfileLines(text ?? "", directory, env, given(known.port));
    const running = all.filter(({ name }) => names.size === 0 || names.has(name));
    // These two count what they start, the others what is in the file.
    const counted = program === "nf" || program === "honcho";
    const lines = counted ? running.map((line, index) => ({ ...line, port: all[index]?.port ?? line.port })) : running;
    if (lines.length === 0) return undefined;
    const envFiles = (given(known.env) ?? ".env").split(",").filter((each) => has(directory, each));
    const processes = lines.map(({ name, command, port }) => ({ name, line: command, env: { PORT: String(port) } }));
    return { is: "processes", processes, envFiles };
  };
