/**
 * `reload --background`: how long after ready, failed or late it returns. Ready is when its own event says so (`--json=FILE`), the
 * return is the end of the process that was called, on the same clock.
 */
import { describe, expect, test } from "vitest";
import { newProject } from "../rig/project.ts";
import { reloadOnce } from "../rig/reload.ts";

const count = Number(process.env["SOAK_BACKGROUND"] ?? 30);

interface Event {
  readonly event: string;
  readonly time: string;
  readonly result?: string;
}

const run = (ready: string, cmd = "exec sleep 1000"): string =>
  `[proc]\ncmd = "${cmd}"\n[watch]\ninclude_files = [".txt"]\n[ready]\n${ready}`;

const at = (share: number, sorted: readonly number[]): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

describe.runIf(process.platform === "linux")("reload --background returns soon after", () => {
  test.each<[string, string, number, (event: Event) => boolean]>([
    [
      "ready after a second",
      run('log = "up"', "sleep 1; echo up; exec sleep 1000"),
      0,
      ({ event }) => event === "run-ready",
    ],
    ["ready at once", run('log = "up"', "echo up; exec sleep 1000"), 0, ({ event }) => event === "run-ready"],
    ["failed", `[build]\ncmd = "sleep 1; exit 1"\n${run('log = "up"')}`, 1, ({ event }) => event === "build-ended"],
    ["late", run('log = "up"\ntimeout = "1s"'), 3, ({ event }) => event === "run-late"],
  ])(
    "%s",
    async (name, config, code, isIt) => {
      const took: number[] = [];
      for (let round = 0; round < count; round += 1) {
        using project = newProject({ ".reload.toml": config, "main.txt": "" });
        const { directory: cwd } = project;
        try {
          const begun = await reloadOnce(["--background", "--json=events"], { cwd });
          const endedAt = Date.now();
          expect(begun.code, begun.stdout + begun.stderr).toBe(code);
          const events = project.read("events").trimEnd().split("\n");
          const event = events.map((line) => JSON.parse(line) as Event).find(isIt);
          took.push(endedAt - Date.parse(event?.time ?? ""));
        } finally {
          await reloadOnce(["stop"], { cwd });
        }
      }
      const sorted = took.sort((one, other) => one - other);
      process.stderr.write(
        `soak: background: ${name}: ${count} of ${count}, p50 ${at(0.5, sorted)} ms, p95 ${at(0.95, sorted)} ms, most ${sorted.at(-1)} ms\n`,
      );
    },
    600_000,
  );
});
