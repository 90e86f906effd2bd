import { describe, expect, test } from "vitest";
import { entries } from "../rig/log.ts";
import { newProject } from "../rig/project.ts";
import { isAlive, processesWith, reload } from "../rig/reload.ts";
import { session } from "../rig/session.ts";
import { until } from "../rig/until.ts";

const watchTxt = '[watch]\ninclude_files = [".txt"]\n';

describe("a program that takes its time to end", () => {
  test("is waited for: the new one starts after its end, never beside it", async () => {
    await using running = await session({ config: watchTxt, files: { "a.txt": "1" }, env: { TRAP: "700" } });
    running.project.write("a.txt", "2");
    await running.start(2);
    const kinds = running.entries.map(({ is }) => is);
    expect(kinds).toEqual(["start", "asked", "end", "start"]);
    const [, , end, second] = running.entries;
    expect(second?.at).toBeGreaterThanOrEqual(end?.at ?? Number.POSITIVE_INFINITY);
    await running.program.says(/stop \d+ms/);
  });

  test("is waited for as long as stop_timeout says, and the waiting is said", async () => {
    await using running = await session({
      config: watchTxt,
      args: ["--proc.stop_timeout", "8s"],
      files: { "a.txt": "1" },
      env: { TRAP: "6000" },
    });
    running.project.write("a.txt", "2");
    await running.program.says(/waiting for pid \d+ \(SIGTERM, \d.*left/);
    await running.start(2);
    expect(running.entries.map(({ is }) => is)).toEqual(["start", "asked", "end", "start"]);
  });

  test("and ignores the signal is killed after stop_timeout, and that is said", async () => {
    await using running = await session({
      config: watchTxt,
      args: ["--proc.stop_timeout", "400ms"],
      files: { "a.txt": "1" },
      env: { TRAP: "ignore" },
    });
    const [first] = running.starts;
    running.project.write("a.txt", "2");
    await running.start(2);
    expect(isAlive(first?.pid ?? 0)).toBe(false);
    await running.program.says(/pid \d+ did not end within 400ms of SIGTERM: killed/);
    // So that the end of this test need not wait for it.
    running.program.signal("SIGINT");
    await until("it stops", () => entries(running.project).at(-1)?.is === "asked");
  });

  test("and ignores the signal is named, and not the shell in front of it, which has ended", async () => {
    const script = "trap '' TERM; echo $$ > pid; while :; do sleep 0.05; done";
    using project = newProject({ "stubborn.sh": script, "a.txt": "1" });
    await using program = reload(
      ["--proc.stop_timeout", "400ms", "--proc.cmd", "sh stubborn.sh; true", "-w", "a.txt"],
      {
        cwd: project.directory,
      },
    );
    await until("it runs", () => project.has("pid") && project.read("pid").endsWith("\n"));
    program.signal("SIGINT");
    await program.says(new RegExp(`pid ${project.read("pid").trim()} did not end within 400ms of SIGTERM: killed`));
  });

  test("gets the signal that was configured", async () => {
    await using running = await session({
      config: watchTxt,
      args: ["--proc.stop_signal", "SIGINT"],
      files: { "a.txt": "1" },
    });
    running.project.write("a.txt", "2");
    await running.start(2);
    expect(running.entries.find(({ is }) => is === "asked")?.signal).toBe("SIGINT");
  });
});

describe("nothing is left behind", () => {
  const shapes: [string, string][] = [
    ["of a program with grandchildren", "sleep 1000 & (sleep 1001 & sleep 1002 & wait) & wait"],
    ["of a shell that dies first", "sleep 1000; true"],
    ["of a shell that has died already", "sleep 1000 & exit 0"],
  ];
  test.each(shapes)("%s, after three restarts and at the end", async (_, command) => {
    const mark = `LEFT_MARK_${process.pid}_${Math.random().toString(36).slice(2)}`;
    const config = `${watchTxt}[proc]\ncmd = ${JSON.stringify(`echo "{\\"is\\":\\"start\\",\\"pid\\":$$}" >> "$LOG"; ${command}`)}\n`;
    const { newProject } = await import("../rig/project.ts");
    const { reload } = await import("../rig/reload.ts");
    const { startNumber } = await import("../rig/log.ts");
    using project = newProject({ ".reload.toml": config, "a.txt": "0" });
    await using program = reload(["--verbose"], {
      cwd: project.directory,
      env: { LOG: project.path("app.log"), LEFT_MARK: mark },
    });
    await startNumber(project, 1, program.seen);
    await program.says(/watching \d/);
    let before = processesWith(mark).filter((pid) => pid !== program.pid);
    for (let restart = 1; restart <= 3; restart += 1) {
      project.write("a.txt", String(restart));
      await startNumber(project, 1 + restart, program.seen);
      expect(before.filter(isAlive)).toEqual([]);
      before = await until("the new ones run", () => {
        const found = processesWith(mark).filter((pid) => pid !== program.pid);
        return found.length > 0 ? found : undefined;
      });
    }
    expect((await program.stop()).code).toBe(143);
    expect(processesWith(mark)).toEqual([]);
  });
});

describe("the end", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("by %s stops the program in order and exits with %i", async (signal, code) => {
    await using running = await session({ config: watchTxt, files: { "a.txt": "1" }, env: { TRAP: "200" } });
    running.program.signal(signal);
    const end = await running.program.ended;
    // A terminal that is gone can only be answered by the signal itself, which a shell shows as 129.
    if (signal === "SIGHUP") expect([end.code, end.signal]).toContainEqual(end.code === null ? "SIGHUP" : code);
    else expect(end.code).toBe(code);
    expect(running.entries.map(({ is }) => is)).toEqual(["start", "asked", "end"]);
  });
});
