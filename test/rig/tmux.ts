/** A terminal whose screen can be read as a person reads it: rows of text, after all escape sequences. tmux draws it. */
import { execFile } from "node:child_process";
import { cleanEnv } from "./reload.ts";
import { until } from "./until.ts";

export interface Screen extends AsyncDisposable {
  /** What is visible, blanks at the ends aside; a line that takes several rows is one line. */
  text(): Promise<string>;
  /** The same with colours, and with where another character set begins (`\u000e`) and ends. */
  styled(): Promise<string>;
  /** As they are named by tmux: `q`, `Enter`, `C-c`. */
  press(...keys: readonly string[]): Promise<void>;
  /** The whole screen, once it fits. */
  shows(pattern: RegExp): Promise<string>;
}

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** @param directory where the program runs; the server's socket lies there as well, so the name has to be ignored */
export async function openScreen(
  command: readonly string[],
  directory: string,
  { columns, rows }: ScreenSize,
  env: Readonly<Record<string, string>> = {},
): Promise<Screen> {
  const tmux = (...args: readonly string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const { TMUX, ...rest } = cleanEnv(env);
      // A socket's whole path may be too long, so it is named from where it lies.
      execFile("tmux", ["-S", ".tmux", "-f", "/dev/null", ...args], { cwd: directory, env: rest }, (error, stdout) => {
        if (error === null) resolve(stdout);
        else reject(error);
      });
    });
  const variables = Object.entries(env).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
  await tmux(
    ...["new-session", "-d", "-x", String(columns), "-y", String(rows), ...variables, "--", ...command],
    ...[";", "set-option", "-g", "status", "off", ";", "set-option", "-g", "remain-on-exit", "on"],
  );
  await tmux("resize-window", "-x", String(columns), "-y", String(rows));
  const text = async (): Promise<string> => {
    const rowsOfText = (await tmux("capture-pane", "-p", "-J")).split("\n").map((row) => row.trimEnd());
    return rowsOfText.join("\n").trimEnd();
  };
  return {
    text,
    styled: () => tmux("capture-pane", "-p", "-e"),
    async press(...keys) {
      await tmux("send-keys", ...keys);
    },
    async shows(pattern) {
      let seen = "";
      return until(
        `the screen shows ${pattern}`,
        async () => {
          seen = await text();
          return pattern.test(seen) ? seen : undefined;
        },
        () => `── screen\n${seen}`,
      );
    },
    async [Symbol.asyncDispose]() {
      await tmux("kill-server");
    },
  };
}
