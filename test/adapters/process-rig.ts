/** Real processes, driven through the adapters: started, told about, and looked for afterwards by other means than the adapters' own. */
import { randomBytes } from "node:crypto";
import type { Ending } from "../../src/adapters/process/tree.ts";
import type { Command } from "../../src/core/command.ts";
import { type RunFact, type Running, type RunOrder, startRun } from "../../src/session/run.ts";
import { commandLine, isAlive, processesWith } from "../rig/reload.ts";
import { until } from "../rig/until.ts";

/** A session like `reload`'s: nobody else has it in their environment. */
export const newSession = (): string => `T${process.pid}x${randomBytes(9).toString("hex")}`;

export interface Driven extends AsyncDisposable {
  readonly running: Running;
  readonly facts: readonly RunFact[];
  readonly cookie: string;
  /** Waits for a fact of this type. */
  fact<T extends RunFact["type"]>(type: T): Promise<Extract<RunFact, { type: T }>>;
  /** All of it that is alive. */
  alive(): number[];
  /** Waits until that many are alive. */
  grown(atLeast: number): Promise<number[]>;
  /** Waits until one of them is this program: what was forked for it may still be the shell, in the shell's group. */
  became(commandLine: string): Promise<void>;
  /** How many were alive at the very moment in which it was told to be gone. */
  readonly leftWhenGone: number | undefined;
}

type More = Partial<Omit<RunOrder, "ending"> & { readonly ending: Partial<Ending> }>;

export function drive(command: Command, own: More = {}, session: string = newSession()): Driven {
  const { ending, ...more } = own;
  const cookie = `${session}-run1.`;
  const facts: RunFact[] = [];
  let leftWhenGone: number | undefined;
  const alive = (): number[] => processesWith(cookie).filter(isAlive);
  const running = startRun(
    {
      job: { service: "", kind: "run", number: 1 },
      command,
      args: [],
      cwd: process.cwd(),
      env: { ...process.env, RELOAD_SESSION: cookie },
      cookie,
      stdin: "empty",
      onOutput: undefined,
      ready: undefined,
      aliveMs: 5,
      readyTimeoutMs: 10_000,
      port: undefined,
      wasSignalled: () => false,
      tellsWhy: () => false,
      ...more,
      ending: () => ({ signal: "SIGTERM", timeoutMs: 10_000, sweep: true, ...ending }),
    },
    (fact) => {
      facts.push(fact);
      if (fact.type === "runGone") leftWhenGone = alive().length;
    },
  );
  const seen = (): string => JSON.stringify(facts, undefined, 1);
  const fact: Driven["fact"] = (type) =>
    until(
      `the fact ${type}`,
      () => facts.find((fact): fact is Extract<RunFact, { type: typeof type }> => fact.type === type),
      seen,
    );
  return {
    running,
    facts,
    cookie,
    fact,
    alive,
    grown: (atLeast) =>
      until(
        `${atLeast} processes`,
        () => (alive().length >= atLeast ? alive() : undefined),
        () => `${alive().length}\n${seen()}`,
      ),
    became: async (line) => {
      await until(line, () => alive().some((pid) => commandLine(pid) === line), seen);
    },
    get leftWhenGone() {
      return leftWhenGone;
    },
    async [Symbol.asyncDispose]() {
      running.stop(true);
      await fact("runGone");
      for (const pid of alive()) process.kill(pid, "SIGKILL");
    },
  };
}
