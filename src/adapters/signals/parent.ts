/**
 * Under npm and the like, whoever started us can be killed alone (`kill`, a CI job, an editor's stop button): what it started would go on,
 * holding its port, with nobody to end it. Without npm a parent may go on purpose (`nohup`, `setsid`, a script that ends).
 */
import { commandOf, hasProc, isEnded, statOf } from "../system/proc.ts";

const lookEveryMs = 1_000;

/** Calls `gone` once, when the parent is gone, or the parent of the shell between us and it. Returns how to end that. */
export function watchParent(env: NodeJS.ProcessEnv, gone: () => void): () => void {
  if (env["npm_lifecycle_event"] === undefined && env["npm_execpath"] === undefined) return () => {};
  const parent = process.ppid;
  const above = aboveShell(parent);
  const timer = setInterval(() => {
    if (process.ppid === parent && (above === undefined || isSame(above))) return;
    clearInterval(timer);
    gone();
  }, lookEveryMs).unref();
  return () => clearInterval(timer);
}

interface Named {
  readonly pid: number;
  readonly startedTicks: number;
}

/** `sh -c 'reload …'` outlives the one that waits for it. */
function aboveShell(parent: number): Named | undefined {
  if (!hasProc || !/^\S*sh -c /.test(commandOf(parent))) return undefined;
  const above = statOf(statOf(parent)?.parent ?? 0);
  return above === undefined ? undefined : { pid: above.pid, startedTicks: above.startedTicks };
}

function isSame({ pid, startedTicks }: Named): boolean {
  const stat = statOf(pid);
  return !isEnded(stat) && stat?.startedTicks === startedTicks;
}
