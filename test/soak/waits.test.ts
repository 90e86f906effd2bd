/**
 * 1,000 waits, each right after a save, while somebody saves on: whatever answers 0 has read what was on disk when the
 * wait began, and a build that is broken is never taken for one that works.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { askSession, type FinalAnswer } from "../../src/adapters/control/channel.ts";
import { newProject } from "../rig/project.ts";
import { type Reload, reload } from "../rig/reload.ts";
import { until } from "../rig/until.ts";
import { chance } from "./chance.ts";

const count = Number(process.env["SOAK_WAITS"] ?? 1_000);
const seed = Number(process.env["SOAK_SEED"] ?? Date.now() % 1_000_000);

const config = `[build]
cmd = "! grep BAD main.txt >&2"
[proc]
cmd = "cat main.txt >serving.new && mv serving.new serving && echo up && exec sleep 1000"
[ready]
log = "up"
[watch]
include_files = [".txt"]
`;

/** Where it listens, once it does. */
const socketOf = ({ pid, seen }: Reload, directory: string): Promise<string> =>
  until(
    "somebody to talk to",
    () => {
      for (const name of readdirSync(directory)) {
        if (!name.endsWith(".running.json")) continue;
        const one = JSON.parse(readFileSync(join(directory, name), "utf8")) as { pid: number; socket: string };
        if (one.pid === pid) return one.socket;
      }
      return undefined;
    },
    seen,
  );

describe.runIf(process.platform === "linux")("reload wait", () => {
  test(`is right ${count} of ${count} times`, async () => {
    process.stderr.write(`soak: waits: SOAK_SEED=${seed} SOAK_WAITS=${count}\n`);
    const random = chance(seed);
    using project = newProject({ ".reload.toml": config, "main.txt": "0" });
    await using program = reload([], { cwd: project.directory });
    await program.says(/run 1/);
    const socket = await socketOf(program, `/tmp/reload-${process.getuid?.()}`);
    const wait = async (): Promise<FinalAnswer> => {
      const ending = await askSession(socket, { verb: "wait", names: [], options: {} });
      if (ending === undefined) throw new Error(`nobody answers\n${program.seen()}`);
      return ending;
    };
    const serving = (): number => Number(project.read("serving"));
    const answers = { ready: 0, failed: 0 };
    let number = 0;
    const save = (text: string): void => {
      if (random.between(0, 1) === 0) project.write("main.txt", text);
      else project.replace("main.txt", text);
    };
    for (let round = 1; round <= count; round += 1) {
      const before = ++number;
      const isBroken = random.between(1, 8) === 1;
      save(isBroken ? `BAD ${before}` : String(before));
      const waiting = wait();
      const more = Math.max(0, random.between(0, 7) - 5);
      for (let again = 0; again < more; again += 1) {
        await new Promise((resolve) => setTimeout(resolve, random.between(0, 20)));
        save(String(++number));
      }
      const { code, text } = await waiting;
      const told = `round ${round}, ${isBroken ? "broken" : "fine"}, ${more} saves more: ${code} ${text}; ${serving()} serves`;
      if (code === 0) {
        answers.ready += 1;
        expect(serving(), told).toBeGreaterThanOrEqual(before);
        if (isBroken) expect(more, told).toBeGreaterThan(0);
      } else {
        answers.failed += 1;
        expect([code, isBroken], told).toEqual([1, true]);
        expect(text, told).toContain(`BAD ${before}`);
      }
    }
    process.stderr.write(`soak: waits: ${answers.ready} ready, ${answers.failed} failed, ${number} saves\n`);
    expect(answers.ready + answers.failed).toBe(count);
  }, 1_800_000);
});
