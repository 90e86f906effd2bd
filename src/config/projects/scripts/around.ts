/** A program with what a wrapper brought to it. */
import { compilerIn } from "./compilers.ts";
import { type Before, isPlain, lineOfProgram, type Program, within } from "./program.ts";
import { inShell, lineOf, readLine, type Word } from "./shell.ts";
import type { Unwrapped } from "./wrappers.ts";

export function around(
  program: Program,
  { env = {}, envFiles = [], front = [], frontOf }: Omit<Unwrapped, "starts">,
): Program {
  const inside = within(env)(program);
  const files = { ...inside, envFiles: [...envFiles, ...inside.envFiles] };
  const isFetched = frontOf !== undefined;
  if (front.length === 0 || (isFetched && program.words[0]?.text !== frontOf)) return files;
  // What is fetched is one program; variables of a service are for all that is run.
  const once = isFetched ? files.once : files.once.map((each) => behind(front, each));
  // Variables, pipes and the like inside of what stays in front are for a shell of their own.
  if (isPlain(program)) return { ...files, once, words: [...front, ...program.words] };
  const words = [...front, ...inShell(lineOfProgram(program))];
  return { ...files, once, words, prelude: [], assignments: [], pipe: "", redirections: [] };
}

/** What makes files is the same with and without variables, and is known by its words. */
function behind(front: readonly Word[], { line, directory }: Before): Before {
  const steps = readLine(line)?.steps ?? [];
  const [step] = steps;
  if (step === undefined || steps.every(({ command }) => compilerIn(command) !== undefined)) return { line, directory };
  const isOne =
    steps.length === 1 &&
    step.command.assignments.length === 0 &&
    step.command.redirections.length === 0 &&
    step.command.words[0]?.raw !== "(";
  const words = isOne ? step.command.words : inShell(line);
  return { line: lineOf({ assignments: [], words: [...front, ...words], redirections: [] }), directory };
}
