import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { newProject, type Project } from "../rig/project.ts";
import { type Reload, reload, reloadOnce } from "../rig/reload.ts";
import { until } from "../rig/until.ts";

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

interface Question {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly agent?: Agent;
}

/** A connection of its own, unless an agent is given. */
function ask(url: string, { method = "GET", headers = {}, body, agent }: Question = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, agent: agent ?? false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response
        .on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
        .on("error", reject);
    });
    outgoing.on("error", reject).end(body);
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** Ends at once when it is asked to, answers slowly at /slow, and counts what is posted in a file. */
const server = `const http = require("node:http"), fs = require("node:fs");
const text = "version 0";
http.createServer((request, response) => {
  if (request.method === "POST") fs.appendFileSync("posts.txt", request.url + "\\n");
  const answer = () => {
    if (request.headers.accept === "text/html") response.setHeader("Content-Type", "text/html");
    response.end(request.headers.accept === "text/html" ? "<!doctype html><title>t</title>" : JSON.stringify({ run: Number(process.env.RELOAD_RUN), text, url: process.env.RELOAD_URL, wait: request.headers["reload-wait"] }));
  };
  if (request.url === "/slow") setTimeout(answer, 300); else answer();
}).listen(PORT);
`;
const withPort = (port: string): string => server.replace("PORT", port);

interface Setting {
  readonly proxy: string;
  readonly port?: string;
  readonly more?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Proxied extends AsyncDisposable {
  readonly project: Project;
  readonly program: Reload;
  readonly url: string;
  /** Saves the next version, and returns what it says. */
  save(version: number): void;
}

const config = (proxy: string, more = ""): string =>
  `[proc]\ncmd = "node server.cjs"\n[watch]\ninclude_files = [".cjs"]\n[proxy]\n${proxy}\n${more}`;

async function proxied({ proxy, port = "process.env.PORT", more, env = {} }: Setting): Promise<Proxied> {
  const project = newProject({ "server.cjs": withPort(port), ".reload.toml": config(proxy, more) });
  const program = reload(["--verbose"], { cwd: project.directory, env: { PORT: undefined, ...env } });
  const [, url = ""] = await program.says(/open (http:\S+)/);
  return {
    project,
    program,
    url,
    save: (version) => project.write("server.cjs", withPort(port).replace("version 0", `version ${version}`)),
    async [Symbol.asyncDispose]() {
      await program[Symbol.asyncDispose]();
      project[Symbol.dispose]();
    },
  };
}

describe("[proxy] holds what comes during a restart:", () => {
  const fixed = async (): Promise<Setting> => {
    const port = await freePort();
    return { proxy: `target = ${port}`, port: String(port) };
  };
  test.each<[string, () => Promise<Setting>]>([
    ["a port for each run", async () => ({ proxy: 'target = "auto"' })],
    ["a port that is known", fixed],
    ["whatever port it listens on", async () => ({ proxy: 'hold = "20s"', port: "0" })],
  ])("%s: none of what is asked over restarts fails, and nothing is posted twice", async (_, setting) => {
    await using served = await proxied(await setting());
    const { url, program, project } = served;
    expect(url).toMatch(/^http:\/\/localhost:3\d\d\d$/);
    // It is asked before anything runs.
    expect(JSON.parse((await ask(url)).text)).toMatchObject({ run: 1, text: "version 0", url });
    await program.says(/watching \d/);
    let isOver = false;
    let posts = 0;
    const failures: string[] = [];
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    const one = async (method: string, kept: boolean): Promise<void> => {
      for (let number = 0; !isOver; number += 1) {
        if (method === "POST") posts += 1;
        const question = { method, ...(method === "POST" ? { body: "x" } : {}), ...(kept ? { agent } : {}) };
        await ask(`${url}/${method}-${kept}-${number}`, question).then(
          ({ status }) => {
            if (status !== 200) failures.push(`${method} ${status}`);
          },
          (error: Error) => failures.push(error.message),
        );
      }
    };
    const all = [one("GET", false), one("GET", true), one("GET", true)];
    for (let version = 1; version <= 8; version += 1) {
      served.save(version);
      await until(
        `an answer of version ${version}`,
        async () => (await ask(url)).text.includes(`version ${version}"`),
        program.seen,
      );
      if (version === 4) all.push(one("POST", true));
    }
    isOver = true;
    await Promise.all(all);
    agent.destroy();
    // A POST on a run that ends at once may have been answered by nobody: it is never sent again.
    expect(failures.filter((failure) => failure !== "POST 502")).toEqual([]);
    const posted = project.read("posts.txt").trim().split("\n");
    expect(new Set(posted).size).toBe(posted.length);
    expect(posted.length).toBeLessThanOrEqual(posts);
  });

  test("what is under way is let end before the run is told to, and what comes is answered by the next one", async () => {
    await using served = await proxied({ proxy: 'target = "auto"' });
    const { url, program } = served;
    await ask(url);
    await program.says(/watching \d/);
    const slow = ask(`${url}/slow`);
    served.save(1);
    await program.says(/server\.cjs changed/);
    expect(JSON.parse((await slow).text)).toMatchObject({ run: 1 });
    await until("the new version", async () => (await ask(url)).text.includes("version 1"), program.seen);
  });

  test("Reload-Wait is answered by the run that has the save, each time, and Reload-Run names it; the program sees neither", async () => {
    await using served = await proxied({
      proxy: 'target = "auto"',
      more: '[build]\ncmd = "! grep -n BAD server.cjs >&2"\n',
    });
    const { url, program, project } = served;
    await ask(url);
    await program.says(/watching \d/);
    for (let version = 1; version <= 10; version += 1) {
      served.save(version);
      const { text, headers } = await ask(url, { headers: { "Reload-Wait": "1", "Reload-Run": "?" } });
      expect(JSON.parse(text)).toMatchObject({ text: `version ${version}` });
      expect(JSON.parse(text)).not.toHaveProperty("wait");
      expect(headers["reload-run"]).toBe(String(JSON.parse(text).run));
    }
    project.append("server.cjs", "// BAD\n");
    const failed = await ask(url, { headers: { "Reload-Wait": "1" } });
    expect(failed.status).toBe(503);
    expect(failed.headers["content-type"]).toBe("application/problem+json");
    expect(JSON.parse(failed.text)).toMatchObject({ state: "failed", stage: "build", url });
    // Everybody else is served by the last good one.
    expect((await ask(url)).text).toContain("version 10");
    served.save(11);
    expect((await ask(url, { headers: { "Reload-Wait": "1" } })).text).toContain("version 11");
  });
});

describe("[proxy] finds the program", () => {
  test("that ignores its PORT: it is said once, and asked where it listens, run after run", async () => {
    const port = await freePort();
    await using served = await proxied({ proxy: 'target = "auto"', port: String(port) });
    const { url, program } = served;
    expect(JSON.parse((await ask(url)).text)).toMatchObject({ run: 1 });
    await program.says(new RegExp(`run 1 listens on port ${port}, not on PORT \\d+`));
    await program.says(/watching \d/);
    served.save(1);
    await until("the new version", async () => (await ask(url)).text.includes("version 1"), program.seen);
    expect(program.stderr.match(/listens on port/g)).toHaveLength(1);
  });
});

describe("[proxy] says what it cannot do:", () => {
  test("nothing runs: 503 with why, as a page, as JSON and as text; a foreign host: 403, until it is allowed by an edit", async () => {
    await using served = await proxied({
      proxy: 'target = "auto"',
      more: "[build]\ncmd = \"echo '<b>main.go:1:2: wrong</b>' >&2; false\"\n",
    });
    const { url, program, project } = served;
    await program.says(/failed/);
    const text = await until("the failure", async () => {
      const answer = await ask(url);
      return answer.status === 503 && answer;
    });
    expect(text.text).toContain("main.go:1:2: wrong");
    expect(text.headers["retry-after"]).toBe("1");
    const page = await ask(url, { headers: { Accept: "text/html" } });
    expect(page.text).toContain("&lt;b&gt;main.go:1:2: wrong");
    expect(page.text).toMatch(/<script src="[^"]*client\.js/);
    expect(JSON.parse((await ask(url, { headers: { Accept: "application/json" } })).text)).toMatchObject({
      status: 503,
    });
    const foreign = { headers: { Host: "dev.example.test" } };
    expect((await ask(url, foreign)).status).toBe(403);
    await program.says(/watching \d/);
    project.write(".reload.toml", config('target = "auto"\nallowed_hosts = ["dev.example.test"]'));
    await until("it is allowed, and the fix runs", async () => (await ask(url, foreign)).status === 200, program.seen);
    expect((await ask(url, { headers: { Accept: "text/html" } })).text).toContain("client.js");
  });

  test("another address by an edit: the new one is open before the old is closed; one that is taken changes nothing", async () => {
    const [first, second] = [await freePort(), await freePort()];
    await using served = await proxied({ proxy: `listen = ${first}\ntarget = "auto"` });
    const { program, project, url } = served;
    expect(url).toBe(`http://localhost:${first}`);
    await ask(url);
    await program.says(/watching \d/);
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const address = other.address();
    const taken = typeof address === "object" && address !== null ? address.port : 0;
    project.write(".reload.toml", config(`listen = ${taken}\ntarget = "auto"`));
    await program.says(/proxy\.listen: .*somebody else listens there/);
    expect((await ask(url)).status).toBe(200);
    await new Promise((resolve) => other.close(resolve));
    project.write(".reload.toml", config(`listen = ${second}\ntarget = "auto"`));
    await until(
      "the new address answers",
      () => ask(`http://localhost:${second}`).catch(() => undefined),
      program.seen,
    );
    await until("the old one is closed", () =>
      ask(url).then(
        () => false,
        () => true,
      ),
    );
  });

  test("an inherited PORT is the proxy's where the program gets its own; a second one takes the next port", async () => {
    const port = await freePort();
    await using served = await proxied({ proxy: 'target = "auto"', env: { PORT: String(port) } });
    expect(served.url).toBe(`http://localhost:${port}`);
    expect(JSON.parse((await ask(served.url)).text)).toMatchObject({ run: 1 });
  });

  test("what cannot be is an error at its place, with 2", async () => {
    using project = newProject({ "server.cjs": "" });
    const said = async (text: string): Promise<string> => {
      project.write(".reload.toml", text);
      const { code, stderr } = await reloadOnce([], { cwd: project.directory, env: { PORT: undefined } });
      expect(code).toBe(2);
      return stderr;
    };
    expect(await said(config('target = "example.com:80"'))).toMatch(/:6:10: proxy\.target: .*not an IP address/);
    expect(await said(config('target = "192.168.1.1:80"'))).toContain("is not on this machine");
    expect(await said(config("listen = 3000\ntarget = 3000"))).toMatch(/:7:10: proxy\.target: the proxy itself/);
    expect(await said(config('target = "auto"', "[build]\nx = 1"))).toContain("unknown key x");
    expect(await said('[build]\ncmd = "true"\n[proxy]\ntarget = "auto"\n')).toContain("no [proc] cmd");
  });
});
