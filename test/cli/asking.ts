/** Another shell of the same user, which talks to the `reload` that runs. */
import { spawn } from "node:child_process";
import { builtProgram, cleanEnv } from "../rig/reload.ts";

export interface Asked {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function ask(cwd: string, ...args: readonly string[]): Promise<Asked> {
  return new Promise((resolve) => {
    const [file, ...words] = builtProgram;
    const child = spawn(file, [...words, ...args], {
      cwd,
      // What differs from shell to shell must not matter.
      env: cleanEnv({ XDG_RUNTIME_DIR: "/nowhere" }),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}
