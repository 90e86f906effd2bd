/** A real pseudo-terminal with a program in it; python3 makes it. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { cleanEnv, type Options } from "./reload.ts";
import { until } from "./until.ts";

const maker = fileURLToPath(new URL("terminal.py", import.meta.url));
/** The built program. */
export const cli = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));

export interface Modes {
  readonly echo: boolean;
  readonly canonical: boolean;
  readonly signals: boolean;
}

export interface Terminal extends AsyncDisposable {
  /** Of the program in it. */
  readonly pid: number;
  /** Everything that it showed so far. */
  readonly screen: string;
  type(text: string): void;
  resize(rows: number, columns: number): void;
  /** The window is closed. */
  hangUp(): void;
  shows(pattern: RegExp): Promise<RegExpExecArray>;
  modes(): Promise<Modes>;
  /** The exit code; minus the signal's number when one ended it. */
  ended(): Promise<number>;
}

export async function terminal(command: readonly string[], options: Options): Promise<Terminal> {
  const maker_ = spawn("python3", [maker, ...command], {
    cwd: options.cwd,
    env: { ...cleanEnv(options.env), TERM: "xterm" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const closed = new Promise<void>((resolve) => maker_.once("close", () => resolve()));
  let screen = "";
  let pid = 0;
  let exit: number | undefined;
  const asked: Modes[] = [];
  createInterface({ input: maker_.stdout }).on("line", (line) => {
    const fact = JSON.parse(line);
    if (fact.pid !== undefined) pid = fact.pid;
    if (fact.output !== undefined) screen += fact.output;
    if (fact.modes !== undefined) asked.push(fact.modes);
    if (fact.exit !== undefined) exit = fact.exit;
  });
  const order = (message: object): void => void maker_.stdin.write(`${JSON.stringify(message)}\n`);
  const seen = (): string => `── screen\n${screen}\n── ${exit === undefined ? "running" : `exit ${exit}`}`;
  await until("the program in its terminal", () => pid > 0);
  return {
    pid,
    get screen() {
      return screen;
    },
    type: (text) => order({ type: text }),
    resize: (rows, columns) => order({ resize: [rows, columns] }),
    hangUp: () => order({ hangup: true }),
    shows: (pattern) => until(`the screen shows ${pattern}`, () => pattern.exec(screen) ?? undefined, seen),
    async modes() {
      const before = asked.length;
      order({ modes: true });
      return until("the modes", () => asked[before], seen);
    },
    ended: () => until("the end", () => (exit === undefined ? undefined : { exit }), seen).then((ended) => ended.exit),
    async [Symbol.asyncDispose]() {
      maker_.stdin.end();
      await closed;
    },
  };
}
