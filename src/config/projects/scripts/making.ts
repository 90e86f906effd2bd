/** Lines that make files, as the plain commands that they come to. */
import { compilerIn, isWatching, once } from "./compilers.ts";
import { type Package, readPackage } from "./package.ts";
import type { Program } from "./program.ts";
import { runners } from "./runners.ts";
import { readLine, type ShellStep, type Simple } from "./shell.ts";
import { wiredScript } from "./wireit.ts";

export interface Made {
  readonly command: Simple;
  readonly directory: string;
}

/** `npm run build` as the commands that it comes to, where they are plain ones. */
export function flattened({ command, raw }: Pick<ShellStep, "command" | "raw">, pkg: Package, depth = 0): Made[] {
  const itself = [{ command, directory: pkg.directory }];
  const [program, ...args] = command.words;
  // `(tsc && cp -r views dist)`
  if (program?.raw === "(") return flatLine(args[1]?.text ?? "", pkg, depth) ?? itself;
  const started = runners[program?.text ?? ""]?.(args, pkg);
  if (started === undefined || depth > 5 || command.assignments.length > 0) return itself;
  if (started.is === "lines" && !started.together)
    return started.lines.flatMap((line) => flatLine(line, pkg, depth) ?? itself);
  if (started.is === "program" && started.pkg.directory === pkg.directory)
    return [{ command: { ...command, words: started.words }, directory: pkg.directory }];
  if (started.is !== "script" || started.words.length > 0) return raw === "" ? [] : itself;
  const all = [`pre${started.name}`, started.name, `post${started.name}`].flatMap((name) =>
    lineNamed(started.pkg, name),
  );
  const flat = all.map((line) => flatLine(line, started.pkg, depth));
  return flat.every((made) => made !== undefined) ? flat.flat() : itself;
}

function lineNamed(pkg: Package, name: string): readonly string[] {
  const script = pkg.scripts[name];
  const wired = script?.trim() === "wireit" ? wiredScript(pkg, name, []) : undefined;
  return script === undefined ? [] : [typeof wired === "object" ? wired.line : script];
}

function flatLine(line: string, pkg: Package, depth: number): Made[] | undefined {
  const read = readLine(line);
  if (read?.endsInBackground === true) return inBackground(read.steps, pkg);
  if (read === undefined || read.steps.some(({ joint }) => !["", "&&", ";"].includes(joint))) return undefined;
  if (read.steps.some(({ command }) => command.words[0]?.text === "cd")) return undefined;
  return read.steps.flatMap((step) => flattened(step, pkg, depth + 1));
}

/** `(tsc -w &)` makes files for as long as the program runs; of anything else only a shell can say it. */
function inBackground([step, ...others]: readonly ShellStep[], { directory }: Package): Made[] | undefined {
  if (step === undefined || others.length > 0 || compilerIn(step.command) === undefined || !isWatching(step.command))
    return undefined;
  const command = readLine(once({ ...step.command, redirections: [] }))?.steps[0]?.command;
  return command === undefined ? undefined : [{ command, directory }];
}

const outputs = /^(?:\.\/)?(?:\.?(?:dist|build|out|lib|output|compiled|\.output)\d*|tsc-out|bin|js)(?:\/|$)/;

/** `ts-node bin/www.ts` runs what somebody writes. */
const source = /(?<!\.d)\.[mc]?tsx?$/;

/** The file that it runs, where that lies where builds put theirs: `node dist/index.js`, `node .` by `main`. */
export function madeFile({ words, directory }: Program): string | undefined {
  const isNode = words[0]?.text === "node";
  const main = (): string | undefined => {
    const pkg = readPackage(directory, {});
    return pkg === undefined || pkg === "broken" ? undefined : pkg.main;
  };
  return words
    .map(({ text }) => (isNode && (text === "." || text === "./") ? main() : text))
    .find((text) => text !== undefined && outputs.test(text) && !source.test(text));
}

export const runsWhatIsMade = (program: Program): boolean => madeFile(program) !== undefined;
