/** What stands in front of a program: what makes its files is made before each start, everything else once. */
import { compilerIn, isCopier, isOwnCompiler } from "./compilers.ts";
import { flattened, type Made, runsWhatIsMade } from "./making.ts";
import type { Package } from "./package.ts";
import type { Before, Program } from "./program.ts";
import { lineOf, readLine, type ShellStep } from "./shell.ts";

export type StepBefore =
  | {
      readonly step: ShellStep;
      readonly directory: string;
      /** `;` stands behind it: what comes next comes in any case. */
      readonly mayFail?: boolean;
      /** What its shell has to be told first. */
      readonly prelude?: readonly string[];
    }
  /** More than one command, as it stands there. */
  | Before;

export function prepared(program: Program, before: readonly StepBefore[], pkg: Package): Program {
  if (before.length === 0) return program;
  const flat = before.flatMap((each): (Before | MadeBefore)[] => {
    if ("line" in each) return [each];
    const { step, directory, mayFail = false, prelude = [] } = each;
    return flattened(step, { ...pkg, directory }).map((made) => ({ ...made, mayFail, prelude }));
  });
  const isCompiled = (each: Before | MadeBefore): boolean =>
    "command" in each && (compilerIn(each.command) !== undefined || isOwnCompiler(each.command));
  const needs = runsWhatIsMade(program) && flat.some(isCompiled);
  const isMaking = (each: Before | MadeBefore): boolean =>
    needs && (isCompiled(each) || ("command" in each && isCopier(each.command)));
  const once = flat.filter((each) => !isMaking(each)).map(onceBefore);
  const builds = flat.flatMap((each) =>
    isMaking(each) && "command" in each ? [{ line: lineOf(each.command), directory: each.directory }] : [],
  );
  return { ...program, once: [...once, ...program.once], builds: [...builds, ...program.builds] };
}

interface MadeBefore extends Made {
  readonly mayFail: boolean;
  readonly prelude: readonly string[];
}

function onceBefore(each: Before | MadeBefore): Before {
  if ("line" in each) return each;
  const line = [...each.prelude, lineOf(each.command)].join(" ");
  return { line: each.mayFail ? `{ ${line} || true; }` : line, directory: each.directory };
}

/** `predev`: plain commands are looked into, any other line is run as it is. */
export function preparedBy(program: Program, line: string, pkg: Package): Program {
  const steps = readLine(line)?.steps ?? [];
  const isPlain =
    steps.length > 0 &&
    steps.every(({ joint, command }) => ["", "&&"].includes(joint) && command.words[0]?.text !== "cd");
  if (!isPlain) return { ...program, once: [{ line, directory: pkg.directory }, ...program.once] };
  const before = steps.map((step) => ({ step, directory: pkg.directory }));
  return prepared(program, before, pkg);
}
