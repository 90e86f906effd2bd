/** What stands behind a program in its line. */
import type { FoundSetting, ScriptReading } from "./program.ts";
import type { ShellStep } from "./shell.ts";

/** `node a.js || exit 1`: the code with which a run has ended is told anyway. */
export function withoutFallback(steps: readonly ShellStep[]): readonly ShellStep[] {
  const last = steps.at(-1);
  const isNothing = last?.joint === "||" && /^(?:exit|true|:|echo)$/.test(last.command.words[0]?.text ?? "");
  return isNothing && steps.length > 1 ? withoutFallback(steps.slice(0, -1)) : steps;
}

export interface UpToWatcher {
  readonly steps: readonly ShellStep[];
  /** The rest, as the key for it. */
  readonly atEnd: readonly FoundSetting[];
}

/** `nodemon a.js; docker compose down`: what watches does not end by itself, so that the rest is for the end. */
export function upToWatcher(steps: readonly ShellStep[], read: (step: ShellStep) => ScriptReading): UpToWatcher {
  const isWatcher = (step: ShellStep): boolean => {
    if (step.command.words[0]?.raw === "(") return false;
    const reading = read(step);
    return reading.is === "program" && reading.program.watcher !== undefined;
  };
  const at = steps.findIndex((step, index) => /^(?:&&|;)$/.test(steps[index + 1]?.joint ?? "") && isWatcher(step));
  if (at < 0) return { steps, atEnd: [] };
  const rest = steps.slice(at + 1);
  const isSure = rest[0]?.joint === ";" && steps.every(({ command }) => command.words[0]?.text !== "cd");
  const line = rest.map(({ joint, raw }, index) => (index === 0 ? raw : `${joint} ${raw}`)).join(" ");
  return { steps: steps.slice(0, at + 1), atEnd: isSure ? [{ name: "hooks.at_end", raw: line }] : [] };
}
