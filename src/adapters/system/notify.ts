/** Notifications of the desktop, by what each system has for it. */
import { spawn } from "node:child_process";

/** Of a notification server that does not answer, in milliseconds. */
const patienceMs = 5_000;

/** notify-send reads the text as markup. */
const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

function commandFor(title: string, text: string): readonly [string, ...string[]] | undefined {
  switch (process.platform) {
    case "win32":
      return undefined;
    case "darwin":
      return [
        "osascript",
        ...["-e", "on run argv", "-e", "display notification (item 2 of argv) with title (item 1 of argv)"],
        ...["-e", "end run", title, text],
      ];
    default:
      return ["notify-send", "--app-name=reload", "--", title, escaped(text)];
  }
}

/** Resolves to why nothing is shown; `undefined`: it is. */
export function notify(title: string, text: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const command = commandFor(title, text);
  if (command === undefined) return Promise.resolve("there are none on this system");
  const [program, ...words] = command;
  return new Promise((resolve) => {
    const child = spawn(program, words, { stdio: "ignore", env, timeout: patienceMs });
    child.once("error", () => resolve(`there is no ${program}`));
    child.once("exit", (code) => resolve(code === 0 ? undefined : `${program} could not show it`));
    child.unref();
  });
}
