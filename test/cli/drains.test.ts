/** What is under way through the proxy when a run has to end. */
import { rmSync } from "node:fs";
import { request } from "node:http";
import { describe, expect, test } from "vitest";
import { needs } from "../rig/needs.ts";
import { newProject, type Project } from "../rig/project.ts";
import { reload } from "../rig/reload.ts";
import { cli, terminal } from "../rig/terminal.ts";
import { until } from "../rig/until.ts";

const hasPython = process.platform !== "win32" && needs("python3");

/** Of an answer that was cut, only what had come. */
function ask(url: string, method = "GET"): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const program = request(url, { agent: false, method }, (response) => {
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve(text)).on("error", () => resolve(`${text} cut`));
    });
    program.on("error", () => resolve("nothing")).end();
  });
}

/** Answers /held as soon as there is a file `go`, begins to answer /begun and never ends, and notes what it is asked. */
const server = `const http = require("node:http"), fs = require("node:fs");
http.createServer((request, response) => {
  fs.appendFileSync("asked.txt", process.env.RELOAD_RUN + " " + request.method + request.url + "\\n");
  if (request.url === "/begun") response.write("a beginning");
  else if (request.url.startsWith("/held")) {
    const look = setInterval(() => {
      if (!fs.existsSync("go")) return;
      clearInterval(look);
      response.end("held by " + process.env.RELOAD_RUN);
    }, 5);
  } else response.end("run " + process.env.RELOAD_RUN);
}).listen(process.env.PORT);
`;

const project = (stopTimeout: string): Project =>
  newProject({
    "server.cjs": `${server}// 0\n`,
    "asked.txt": "",
    ".reload.toml": `[proc]\ncmd = ["node", "server.cjs"]\nstop_timeout = "${stopTimeout}"\n[watch]\ninclude_files = [".cjs"]\n[proxy]\ntarget = "auto"\n`,
  });

async function own(stopTimeout: string) {
  const sandbox = project(stopTimeout);
  const program = reload(["--verbose", "--json=events.jsonl"], { cwd: sandbox.directory, env: { PORT: undefined } });
  const [, url = ""] = await program.says(/open (http:\S+)/);
  await ask(url);
  await program.says(/watching \d/);
  return {
    program,
    url,
    project: sandbox,
    events: (name: string): { readonly event: string; readonly time: string }[] =>
      sandbox
        .read("events.jsonl")
        .split("\n")
        .filter((line) => line.includes(`"event":"${name}"`))
        .map((line) => JSON.parse(line)),
    save: (version: number) => sandbox.write("server.cjs", `${server}// ${version}\n`),
    /** Asks, and returns when the run has been asked. */
    async underWay(run: number, path: string, method = "GET") {
      const answer = ask(`${url}${path}`, method);
      await until("the request", () => sandbox.read("asked.txt").includes(`${run} ${method}${path}\n`), program.seen);
      return { answer };
    },
    async [Symbol.asyncDispose]() {
      await program[Symbol.asyncDispose]();
      sandbox[Symbol.dispose]();
    },
  };
}

describe("a run that has to end while requests are under way on it", () => {
  test("is waited for: whom for is said after a second, without what may be a secret; each request ends on it", async () => {
    await using running = await own("10m");
    const { program, project } = running;
    const first = await running.underWay(1, "/held?token=1", "POST");
    const second = await running.underWay(1, "/held");
    running.save(1);
    const [, left] = await program.says(/waiting for 2 requests, first POST \/held \((\d+m\d\ds) left\)/);
    expect(left).toMatch(/^(?:9m\d\ds|10m00s)$/);
    expect(program.stderr).not.toContain("token");
    // Another save meanwhile: the one run that comes has both.
    running.save(2);
    await until("both changes", () => running.events("changed").length === 2, program.seen);
    project.write("go", "");
    expect(await first.answer).toBe("held by 1");
    expect(await second.answer).toBe("held by 1");
    expect(await ask(running.url)).toBe("run 2");
    expect(running.events("drain-waiting")).toMatchObject([{ run: 1, requests: 2, oldest: "POST /held" }]);
  });

  test("what has needed all of the time is let go: asked again where it may be, an error, or cut; the second time it is said what to set", async () => {
    await using running = await own("1200ms");
    const { program } = running;
    for (const run of [1, 2]) {
      const get = await running.underWay(run, "/held");
      const post = await running.underWay(run, "/held", "POST");
      const begun = await running.underWay(run, "/begun");
      running.save(run);
      expect(await post.answer).toMatch(`run ${run} gave no answer (it had to end)`);
      expect(await begun.answer).toBe("a beginning cut");
      await until("the next run to be asked", () =>
        running.project.read("asked.txt").includes(`${run + 1} GET/held\n`),
      );
      running.project.write("go", "");
      expect(await get.answer).toBe(`held by ${run + 1}`);
      rmSync(running.project.path("go"));
    }
    const all =
      /run 2 needed all of its 1\.2s to end, as one before: (?:GET|POST) \/held was under way.*\n.*stop_timeout/;
    await program.says(all);
    expect(program.stderr.match(/needed all/g)).toHaveLength(1);
  });

  test("a request that had its time before, and may be asked again, is not waited for", async () => {
    await using running = await own("1500ms");
    const { answer } = await running.underWay(1, "/held");
    const begun = performance.now();
    await until("its time", () => performance.now() - begun > 1_500);
    running.save(1);
    await until("the next run to be asked", () => running.project.read("asked.txt").includes("2 GET/held\n"));
    running.project.write("go", "");
    expect(await answer).toBe("held by 2");
    expect(running.events("drain-waiting")).toEqual([]);
  });

  test("Ctrl-C ends it at once", async () => {
    await using running = await own("10m");
    const { answer } = await running.underWay(1, "/held", "POST");
    running.save(1);
    await running.program.says(/waiting for POST \/held/);
    running.program.signal("SIGINT");
    expect(await running.program.ended).toMatchObject({ code: 130 });
    expect(await answer).not.toMatch(/^held/);
  });

  test.runIf(hasPython)("r ends it at once, and says so", async () => {
    using sandbox = project("10m");
    await using screen = await terminal([process.execPath, cli], {
      cwd: sandbox.directory,
      env: { PORT: undefined, XDG_RUNTIME_DIR: sandbox.directory },
    });
    const [, url = ""] = await screen.shows(/open (http:[^\s\x1b]+)/);
    await ask(url);
    const answer = ask(`${url}/held`, "POST");
    await until("the request", () => sandbox.read("asked.txt").includes("1 POST/held\n"));
    sandbox.write("server.cjs", `${server}// 1\n`);
    await screen.shows(/waiting for POST \/held \(.* left; r kills now\)/);
    screen.type("r");
    expect(await answer).toMatch("run 1 gave no answer");
    await screen.shows(/run 2/);
    expect(await ask(url)).toBe("run 2");
  });
});
