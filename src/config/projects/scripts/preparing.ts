/** What stands in front of a program: what makes its files is made before each start, everything else once. */
import { compilerIn, isCopier } from "./compilers.ts";
import { flattened, type Made, runsWhatIsMade } from "./making.ts";
import type { Package } from "./package.ts";
import type { Before, Program } from "./program.ts";
import { lineOf, readLine, type ShellStep } from "./shell.ts";

export interface StepBefore {
  readonly step: ShellStep;
  readonly directory: string;
}

export function prepared(program: Program, before: readonly StepBefore[], its: Package): Program {
  if (before.length === 0) return program;
  const flat = before.flatMap(({ step, directory }) => flattened(step, { ...its, directory }));
  const isMaking = ({ command }: Made): boolean => compilerIn(command) !== undefined || isCopier(command);
  const needs = flat.some(({ command }) => compilerIn(command) !== undefined) && runsWhatIsMade(program);
  const making = needs ? flat.filter(isMaking) : [];
  const others = flat.filter((each) => !making.includes(each));
  const lines = (all: readonly Made[]): Before[] =>
    all.map(({ command, directory }) => ({ line: lineOf(command), directory }));
  return { ...program, once: [...lines(others), ...program.once], builds: [...lines(making), ...program.builds] };
}

/** `predev`: plain commands are looked into, any other line is run as it is. */
export function preparedBy(program: Program, line: string, its: Package): Program {
  const steps = readLine(line)?.steps ?? [];
  const isPlain =
    steps.length > 0 &&
    steps.every(({ joint, command }) => ["", "&&"].includes(joint) && command.words[0]?.text !== "cd");
  if (!isPlain) return { ...program, once: [{ line, directory: its.directory }, ...program.once] };
  const before = steps.map((step) => ({ step, directory: its.directory }));
  return prepared(program, before, its);
}
