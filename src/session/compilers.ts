/** Builds of detected projects leave a compiler behind for the next one: that is asked without a process in between, and ends with the session. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { sweep } from "../adapters/process/sweep.ts";
import type { Command } from "../core/command.ts";
import type { BuildResult } from "../core/types.ts";
import { cacheOf } from "../transpile/cache.ts";
import { type Answer, type CompilerCall, readCall } from "../transpile/call.ts";
import type { RecipeSettings } from "./recipes.ts";
import { startWork, type WorkFact, type Working, type WorkOrder } from "./work.ts";

/**
 * Nothing else in the line, and no word that only a shell can tell; but for what is done once: that was, before the
 * compiler of this session was begun.
 */
const plain =
  /^(?:exec 2>&1; )?(?:\{ \[ "\$\(cat [^|]*\|\| \{ .* && mkdir -p [^;]*; \}; \} && )?node \S*\/transpile\.js ([\w@%+=:,./ -]+)$/;

function callOf(command: Command): CompilerCall | undefined {
  const words = plain
    .exec(typeof command === "string" ? command : "")?.[1]
    ?.trim()
    .split(/ +/);
  return words === undefined || words.includes("--types") ? undefined : readCall(words).call;
}

/** Asks the compiler that stays, where one is there and can do it; else executes the command. */
export function startBuild(order: WorkOrder, tell: (fact: WorkFact) => void): Working {
  const call = callOf(order.command);
  if (call === undefined || !existsSync(join(order.cwd, cacheOf(order.cwd), "compiler.sock")))
    return startWork(order, tell);
  let working: Working | undefined;
  let giveUp: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  let isGivenUp = false;
  const end = (result: BuildResult): void => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    giveUp?.();
    tell({ type: "jobEnded", job: order.job, result });
  };
  const asked = async (): Promise<Answer | undefined> => {
    const { ask } = await import("../transpile/ask.ts");
    if (isGivenUp) return undefined;
    const asking = ask({ directory: order.cwd, env: order.env }, call);
    giveUp = asking.giveUp;
    return asking.answer;
  };
  const { timeoutMs: limitMs } = order;
  if (limitMs !== undefined) timer = setTimeout(() => end({ is: "timedOut", afterMs: limitMs }), limitMs);
  const begin = async (): Promise<void> => {
    const answer = await asked().catch(() => undefined);
    if (isOver || isGivenUp) return;
    clearTimeout(timer);
    if (answer === undefined) {
      working = startWork(order, tell);
      return;
    }
    if (answer.output !== "") order.onOutput?.(answer.status === 0 ? "stdout" : "stderr", Buffer.from(answer.output));
    end(answer.status === 0 ? { is: "ok" } : { is: "failed", exit: { is: "code", code: answer.status } });
  };
  void begin();
  return {
    cancel(force) {
      if (working !== undefined) return working.cancel(force);
      isGivenUp = true;
      setImmediate(() => end({ is: "cancelled" }));
    },
    signal: (signal) => working?.signal(signal),
  };
}

const mostSweeps = 5;

/** @param session as it stands in the environment of what it starts */
export async function endCompilers(session: string, recipes: ReadonlyMap<unknown, RecipeSettings>): Promise<void> {
  const isOne = (command: Command): boolean => /\/transpile\.js /.test(String(command));
  if (![...recipes.values()].some(({ commands }) => commands.some(isOne))) return;
  // On a machine that is very busy, to die takes longer than one sweep waits.
  for (let times = 0; times < mostSweeps; times += 1) if ((await sweep(`${session}-runcompiler.`)).length === 0) return;
}
