import { readFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { newProject, type Project } from "../rig/project.ts";
import { isAlive, type Reload, reload, reloadOnce } from "../rig/reload.ts";
import { until } from "../rig/until.ts";

interface Answer {
  readonly status: number;
  readonly text: string;
}

function ask(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request(url, { agent: false, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text })).on("error", reject);
    })
      .on("error", reject)
      .end();
  });
}

/** What it does is in a file: a version that is good, that ends at once, never listens, or ends once it was ready. */
const server = `const http = require("node:http");
const version = "VERSION", what = "WHAT";
if (what === "ends") process.exit(3);
if (what !== "never") http.createServer((request, response) => {
  const answer = () => response.end(JSON.stringify({ version, pid: process.pid }));
  if (request.url === "/crash" && what === "crashes") process.exit(4);
  if (request.url === "/never") return;
  if (request.url === "/slow") setTimeout(answer, 1500); else answer();
}).listen(process.env.PORT);
setInterval(() => {}, 1e6);
`;
const versionOf = (version: number, what: string): string =>
  server.replace("VERSION", `v${version}`).replace("WHAT", what);

/** How many of its children are runs of the server, as the kernel says; elsewhere than on Linux nobody counts. */
function runsOf(pid: number): number {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
    return children.filter((child) => readFileSync(`/proc/${child}/cmdline`, "utf8").includes("server.cjs")).length;
  } catch {
    return 0;
  }
}

interface Own extends AsyncDisposable {
  readonly project: Project;
  readonly program: Reload;
  readonly url: string;
  save(version: number, what?: string): void;
  answer(version: number): Promise<{ readonly version: string; readonly pid: number }>;
}

async function own(more = "", readyTimeout = "5s"): Promise<Own> {
  const project = newProject({
    "server.cjs": versionOf(0, "good"),
    ".reload.toml": `[proc]\ncmd = ["node", "server.cjs"]\nswap = "start-first"\n${more}\n[ready]\ntimeout = "${readyTimeout}"\n[watch]\ninclude_files = [".cjs"]\n[proxy]\ntarget = "auto"\n`,
  });
  const program = reload(["--verbose"], {
    cwd: project.directory,
    env: { PORT: undefined, RELOAD_PROXY_DRAIN: "10m" },
  });
  const [, url = ""] = await program.says(/open (http:\S+)/);
  await ask(url);
  await program.says(/watching \d/);
  return {
    project,
    program,
    url,
    save: (version, what = "good") => project.write("server.cjs", versionOf(version, what)),
    answer: async (version) => {
      const text = await until(
        `an answer of v${version}`,
        async () => {
          const answer = await ask(url);
          return answer.status === 200 && answer.text.includes(`"v${version}"`) && answer.text;
        },
        program.seen,
      );
      return JSON.parse(text);
    },
    async [Symbol.asyncDispose]() {
      await program[Symbol.asyncDispose]();
      project[Symbol.dispose]();
    },
  };
}

describe('swap = "start-first" behind the proxy', () => {
  test("good and bad versions under load: no answer but 200, and the old run serves on where the new one fails", async () => {
    await using server = await own('keep_old = "0s"');
    const { url, program, project } = server;
    let isOver = false;
    const failures: string[] = [];
    const one = async (): Promise<void> => {
      while (!isOver)
        await ask(url).then(
          ({ status, text }) => {
            if (status !== 200) failures.push(`${status} ${text}`);
          },
          (error: Error) => failures.push(error.message),
        );
    };
    // What it has started, looked at every 5 ms: never a third run beside two.
    let most = 0;
    const sampler = setInterval(() => {
      most = Math.max(most, runsOf(program.pid));
    }, 5);
    const all = [one(), one(), one()];
    server.save(1);
    const first = await server.answer(1);
    const slow = ask(`${url}/slow`);
    server.save(2, "ends");
    await program.says(/run 3[\s\S]*exit|ended[\s\S]*run/);
    const waited = await reloadOnce(["wait"], { cwd: project.directory });
    expect(waited).toMatchObject({ code: 1 });
    expect((await ask(url, { "Reload-Wait": "1" })).status).toBe(503);
    expect(await server.answer(1)).toEqual(first);
    server.save(3, "never");
    await program.says(/not ready after/);
    expect(await server.answer(1)).toEqual(first);
    expect((await slow).status).toBe(200);
    server.save(4);
    await server.answer(4);
    await until("the old run has gone", () => !isAlive(first.pid), program.seen);
    isOver = true;
    await Promise.all(all);
    clearInterval(sampler);
    expect(most).toBeLessThanOrEqual(2);
    expect(failures).toEqual([]);
  });

  test("a run that ends after it was ready: the one before serves again, and the change has failed", async () => {
    await using server = await own();
    const { url, program, project } = server;
    const first = await server.answer(0);
    server.save(1, "crashes");
    await server.answer(1);
    expect(isAlive(first.pid)).toBe(true);
    // What had got nothing yet is asked of the run before.
    expect(JSON.parse((await ask(`${url}/crash`)).text)).toEqual(first);
    expect(await server.answer(0)).toEqual(first);
    expect(await reloadOnce(["wait"], { cwd: project.directory })).toMatchObject({ code: 1 });
    server.save(2);
    await server.answer(2);
    expect(await reloadOnce(["wait"], { cwd: project.directory })).toMatchObject({ code: 0 });
    expect(program.stderr).not.toMatch(/undefined/);
  });

  test("the end of everything does not wait for what is under way on an old run", async () => {
    await using server = await own('keep_old = "0s"');
    const { url, program } = server;
    const first = await server.answer(0);
    const never = ask(`${url}/never`).catch((error: Error) => error);
    server.save(1);
    await server.answer(1);
    // So long it may go on, by the configuration.
    expect(isAlive(first.pid)).toBe(true);
    program.signal("SIGINT");
    expect(await program.ended).toMatchObject({ code: 130 });
    expect(isAlive(first.pid)).toBe(false);
    expect(await never).not.toMatchObject({ status: 200 });
  });

  test("a program that ignores its PORT goes on stop-first, which is said once; without a port for each run it is an error", async () => {
    // Where it listens is known a while after it does, on a busy machine later than after a second.
    await using server = await own("", "20s");
    const { url, program, project } = server;
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const address = taken.address();
    await new Promise((resolve) => taken.close(resolve));
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const fixed = (version: number): string => versionOf(version, "good").replace("process.env.PORT", String(port));
    project.write("server.cjs", fixed(1));
    await program.says(new RegExp(`listens on port ${port}, not on PORT \\d+: .*stopped before the next one starts`));
    await server.answer(1);
    for (const version of [2, 3]) {
      project.write("server.cjs", fixed(version));
      await server.answer(version);
    }
    expect(program.stderr.match(/listens on port/g)).toHaveLength(1);
    expect((await ask(url)).status).toBe(200);
    project.write(".reload.toml", '[proc]\ncmd = "x"\nswap = "start-first"\n[proxy]\ntarget = 3000\n');
    await program.says(/proc\.swap: "start-first" needs a port for each run/);
  });
});
