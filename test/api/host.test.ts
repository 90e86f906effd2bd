/** A program that starts `reload` in itself stays the master of its own process. */
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { app, startNumber } from "../rig/log.ts";
import { root } from "../rig/package.ts";
import { newProject, type Project } from "../rig/project.ts";
import { isAlive, type Reload, reload, reloadOnce } from "../rig/reload.ts";
import { until } from "../rig/until.ts";

/** A project that has the built package. */
function host(files: Readonly<Record<string, string>>): Project {
  const project = newProject(files);
  mkdirSync(project.path("node_modules"));
  symlinkSync(root, project.path("node_modules/reload-dev"));
  return project;
}

const script = (after: string): string => `
import { start } from "reload-dev";
process.on("SIGINT", () => { console.log("own handler"); app.stop(); });
const app = await start({ proc: { cmd: ${JSON.stringify(["node", app])}, env: { LOG: "app.log" } } });
app.ended.then((code) => console.log("ended", code));
${after}
`;

const node = (project: Project): Reload =>
  reload(["host.mjs"], { cwd: project.directory, program: [process.execPath] });

describe.skipIf(!existsSync(join(root, "dist/api.js")))("a host", () => {
  test("hears its own SIGINT, stops the app, and ends by itself", async () => {
    using project = host({ "host.mjs": script("") });
    await using program = node(project);
    const { pid } = await startNumber(project, 1, program.seen);
    program.signal("SIGINT");
    expect(await program.ended).toEqual({ code: 0, signal: null });
    expect(program.stdout).toBe("own handler\nended 0\n");
    expect(program.stderr).toBe("");
    expect(isAlive(pid)).toBe(false);
  });

  test("goes on after the end of the app, also with its own exit code", async () => {
    using project = host({
      "host.mjs": script(`
        for await (const event of app.events) if (event.event === "run-ready") break;
        await app.stop();
        console.log("still here");
        process.exitCode = 5;
      `),
    });
    await using program = node(project);
    expect((await program.ended).code).toBe(5);
    expect(program.stdout).toBe("ended 0\nstill here\n");
  });

  test("ends by itself also where somebody still waits: for nothing any more", async () => {
    using project = host({
      "host.mjs": script(`
        const waiting = app.wait({ timeoutMs: 3_600_000 }).then(({ text }) => text, (error) => error.message);
        await app.stop();
        console.log(await waiting);
      `),
    });
    await using program = node(project);
    expect(await program.ended).toEqual({ code: 0, signal: null });
    expect(program.stdout).toBe("ended 0\nthis reload has ended\n");
  });

  test("dies of its own faults as it would without, and nothing of the app is left", async () => {
    using project = host({
      "host.mjs": script(`
        for await (const event of app.events) if (event.event === "run-ready") break;
        setTimeout(() => { throw new Error("of the host"); });
      `),
    });
    await using program = node(project);
    const { pid } = await startNumber(project, 1, program.seen);
    expect((await program.ended).code).toBe(1);
    expect(program.stderr).toContain("of the host");
    await until("the end of what it had started", () => !isAlive(pid), program.seen);
  });

  test("examples/api: a script of one's own follows edits, and Ctrl-C ends it in order", async () => {
    using project = host({});
    cpSync(join(root, "examples/api"), project.directory, { recursive: true });
    await using program = reload(["dev.js"], {
      cwd: project.directory,
      program: [process.execPath],
      env: { PORT: "0" },
    });
    const prints = (text: string | RegExp): Promise<unknown> =>
      until(String(text), () => program.stdout.match(text) ?? undefined, program.seen);
    await prints(/run 1 is ready/);
    const address = async (run: number): Promise<string> => {
      await prints(new RegExp(`run ${run} is ready`));
      return [...program.stdout.matchAll(/http:\S+/g)].at(-1)?.[0] ?? "";
    };
    expect(await (await fetch(await address(1))).text()).toBe("Hello from run 1\n");
    project.write("server.js", project.read("server.js").replace('"Hello"', '"Good day"'));
    expect(await (await fetch(await address(2), { headers: { connection: "close" } })).text()).toBe(
      "Good day from run 2\n",
    );
    program.signal("SIGINT");
    expect((await program.ended).code).toBe(0);
    expect(program.stdout).toMatch(/changed: server\.js\n(?:.*\n)*everything has been stopped\n$/);
  });

  test("the matcher of docs/api.md decides as it says there", async () => {
    const [, shown = ""] = [...readFileSync(join(root, "docs/api.md"), "utf8").matchAll(/```js\n([\s\S]*?)```/g)].map(
      ([, text = ""]) => text,
    );
    using project = newProject({
      ".reload.toml": '[proc]\ncmd = "true"\n[watch]\nmatcher = "matcher.js"\n',
      "matcher.js": shown,
      "package.json": '{ "type": "module" }',
    });
    const paths = ["content/hello.md", "content/a.draft.md", "content/archive/old.md", "main.js"];
    const { code, stdout } = await reloadOnce(["explain", ...paths], { cwd: project.directory });
    expect([code, stdout.trimEnd().split("\n")]).toEqual([
      0,
      [
        expect.stringMatching(/^content\/hello\.md: restarts.*: published .*published content/),
        expect.stringMatching(/^content\/a\.draft\.md: ignored: a draft/),
        expect.stringMatching(/^content\/archive\/old\.md: ignored: nothing in content\/archive is looked at/),
        expect.stringMatching(/^main\.js: restarts/),
      ],
    ]);
  });

  test("examples/matcher: a module decides what a change means, and explain names it", async () => {
    using project = newProject();
    cpSync(join(root, "examples/matcher"), project.directory, { recursive: true });
    const asked = await reloadOnce(
      ["explain", "content/hello.md", "content/later.draft.md", "content/archive/old.md"],
      {
        cwd: project.directory,
      },
    );
    expect(asked.stdout.split("\n")).toEqual([
      expect.stringMatching(/^content\/hello\.md: restarts, without a build: published .*published content/),
      expect.stringMatching(/^content\/later\.draft\.md: ignored: a draft/),
      expect.stringMatching(/^content\/archive\/old\.md: ignored: nothing in content\/archive is looked at/),
      "",
    ]);
    await using program = reload(["--verbose"], { cwd: project.directory });
    await program.says(/run 1/);
    await program.says(/watching \d/);
    project.write("content/later.draft.md", "# More");
    project.write("content/second.md", "# Second");
    await program.says(/● content\/second\.md changed → .*run 2/);
    expect(program.stderr).not.toContain("draft");
  });
});
