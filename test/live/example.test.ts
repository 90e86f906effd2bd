/** `examples/live-config`, as it stands: one process over all edits. */
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newProject } from "../rig/project.ts";
import { until } from "../rig/until.ts";

const root = join(import.meta.dirname, "../..");

test.skipIf(!existsSync(join(root, "dist/live.js")))(
  "the server changes its rate limit and log level while it runs, and stays on what it had when an edit is broken",
  async () => {
    using project = newProject();
    cpSync(join(root, "examples/live-config"), project.directory, { recursive: true });
    mkdirSync(project.path("node_modules"));
    symlinkSync(root, project.path("node_modules/reload-dev"));
    const program = spawn(process.execPath, ["server.js"], {
      cwd: project.directory,
      env: { ...process.env, PORT: "0" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let printed = "";
    for (const stream of [program.stdout, program.stderr])
      stream.on("data", (chunk) => {
        printed += String(chunk);
      });
    const says = (text: string): Promise<unknown> =>
      until(
        text,
        () => printed.includes(text),
        () => printed,
      );
    try {
      await says("listening on http://127.0.0.1:");
      const address = /http:\S+/.exec(printed)?.[0] ?? "";
      const ask = async (): Promise<number> => (await fetch(address, { headers: { connection: "close" } })).status;
      expect(await ask()).toBe(200);

      project.replace("config.yaml", "log: { level: debug }\nlimit: { requests: 2, perSeconds: 3600 }\n");
      await says("limit: 5 → 2 requests each 3600 s (version 2)");
      await says("log level: info → debug");
      expect([await ask(), await ask(), await ask()]).toEqual([200, 200, 429]);
      await says("debug: GET /");

      project.replace("config.yaml", "log: { level: debg }\nlimit: { requests: 0, perSeconds: 3600 }\n");
      await says("config stays as it is: ");
      await says('config.yaml:1:15: level must be "debug", "info", "warn" or "error" (did you mean "debug"?)');
      await says("config.yaml:2:20: requests must be an integer of at least 1");
      expect(await ask()).toBe(429);

      project.replace("config.yaml", "log: { level: warn }\nlimit: { requests: 9, perSeconds: 3600 }\n");
      await says("limit: 2 → 9");
      expect(await ask()).toBe(200);
      expect(program.exitCode).toBeNull();
    } finally {
      program.kill("SIGKILL");
    }
  },
);
