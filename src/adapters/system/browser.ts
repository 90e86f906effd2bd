/** The browser of whoever sits at this machine. */
import { spawn } from "node:child_process";

const programs: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ["open"],
  win32: ["cmd.exe", "/d", "/s", "/c", "start", '""'],
};

/** Resolves to `false` where nothing can show it: on a machine without a screen, say. */
export function openInBrowser(url: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const hasScreen = process.platform !== "linux" || (env["DISPLAY"] ?? env["WAYLAND_DISPLAY"] ?? "") !== "";
  if (!hasScreen) return Promise.resolve(false);
  const [program, ...words] = programs[process.platform] ?? ["xdg-open"];
  return new Promise((resolve) => {
    const child = spawn(program, [...words, url], { stdio: "ignore", detached: true, windowsHide: true, env });
    child.once("spawn", () => resolve(true)).once("error", () => resolve(false));
    child.unref();
  });
}
