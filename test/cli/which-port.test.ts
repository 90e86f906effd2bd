import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { newProject, type Project } from "../rig/project.ts";
import { type Reload, reload } from "../rig/reload.ts";
import { until } from "../rig/until.ts";

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      // Named by somebody: below what the system gives.
      for (;;) {
        const server = createServer();
        const port = 10_000 + Math.floor(Math.random() * 20_000);
        const isOpen = await new Promise<boolean>((resolve) => {
          server.once("error", () => resolve(false)).listen(port, () => resolve(true));
        });
        if (isOpen) return { server, port };
      }
    }),
  );
  for (const { server } of servers) await new Promise((resolve) => server.close(resolve));
  return servers.map(({ port }) => port).sort((one, other) => one - other);
}

/** Listens where it is told to, each with a name and after a time: `[["app", 3000, 0]]`. Also when it is asked to, at /open?3000. */
const server = `const http = require("node:http");
const open = ([name, port, host]) => http.createServer((request, response) => {
  const more = /^\\/open\\?(\\d+)$/.exec(request.url);
  if (more) open(["later", Number(more[1])]);
  response.end(name);
}).listen(port, host);
PLACES.forEach(open);
`;

interface Own extends AsyncDisposable {
  readonly project: Project;
  readonly program: Reload;
  ask(path?: string): Promise<string>;
}

type Place = readonly [name: string, port: number | string, host?: string];

async function own(places: readonly Place[], { toml = "", env = {} } = {}): Promise<Own> {
  const list = JSON.stringify(places).replaceAll('"PORT"', "process.env.PORT");
  const project = newProject({
    "server.cjs": server.replace("PLACES", list),
    ".reload.toml": `[proc]\ncmd = ["node", "server.cjs"]\n[watch]\ninclude_files = [".cjs"]\n${toml === "" ? "[proxy]" : toml}\n`,
  });
  const program = reload([], { cwd: project.directory, env: { PORT: undefined, NODE_OPTIONS: undefined, ...env } });
  const [, url = ""] = await program.says(/open (http:\S+)/);
  return {
    project,
    program,
    ask: async (path = "/") => (await fetch(`${url}${path}`)).text(),
    async [Symbol.asyncDispose]() {
      await program[Symbol.asyncDispose]();
      project[Symbol.dispose]();
    },
  };
}

describe.runIf(process.platform === "linux")("[proxy] and a program with several ports:", () => {
  test("nothing says which is meant: all are named, once, and the key", async () => {
    const [low = 0, high = 0] = await freePorts(2);
    await using server = await own([
      ["high", high],
      ["low", low],
    ]);
    expect(await server.ask()).toBe("low");
    await server.program.says(
      new RegExp(`warning: run 1 listens on ports ${low} and ${high}, .*requests go to ${low}; .*target = ${high}\n`),
    );
    server.project.append("server.cjs", "// again\n");
    await server.program.says(/ready .*run 2/);
    expect(await server.ask()).toBe("low");
    expect(server.program.stderr.match(/listens on/g)).toHaveLength(1);
  });

  test("with a port for each run that it ignores as well", async () => {
    const [low = 0, high = 0] = await freePorts(2);
    const toml = '[proxy]\ntarget = "auto"';
    await using server = await own(
      [
        ["low", low],
        ["high", high],
      ],
      { toml },
    );
    expect(await server.ask()).toBe("low");
    await server.program.says(
      new RegExp(`listens on ports ${low} and ${high}, not on PORT \\d+, .*target = ${high}\n`),
    );
  });

  test("the one that PORT names is meant, whatever else there is", async () => {
    const [low = 0, high = 0] = await freePorts(2);
    const places: Place[] = [
      ["low", low],
      ["app", "PORT"],
    ];
    await using server = await own(places, { env: { PORT: String(high) } });
    expect(await server.ask()).toBe("app");
    await server.program.says(new RegExp(`run 1 listens on port ${high}: that is where requests go`));
    expect(server.program.stderr).not.toContain("warning");
  });

  test("one with a number of its own is meant, and not one that the system gave, nor a debugger's", async () => {
    const [app = 0, debug = 0] = await freePorts(2);
    const toml = `[proc.env]\nNODE_OPTIONS = "--inspect=127.0.0.1:${debug}"\n[proxy]`;
    await using server = await own(
      [
        ["own", 0],
        ["app", app],
      ],
      { toml },
    );
    expect(await server.ask()).toBe("app");
    await server.program.says(new RegExp(`run 1 listens on port ${app} \\(and on \\d+\\): requests go to ${app}\n`));
    expect(server.program.stderr).toContain(`127.0.0.1:${debug}`);
  });

  test("one that comes later is named then; where it is PORT, requests go there", async () => {
    const [first = 0, second = 0] = await freePorts(2);
    await using server = await own([["first", first]]);
    expect(await server.ask()).toBe("first");
    await server.ask(`/open?${second}`);
    await server.program.says(
      new RegExp(`listens on ports .*requests go to ${first}; to name another one: \\[proxy\\] target = ${second}`),
    );
    expect(await server.ask()).toBe("first");

    const [given = 0, beside = 0] = await freePorts(2);
    await using other = await own([["beside", beside]], { env: { PORT: String(given) } });
    expect(await other.ask()).toBe("beside");
    await other.ask(`/open?${given}`);
    await until("an answer from PORT", async () => (await other.ask()) === "later", other.program.seen);
  });

  test("somebody else's on the PORT is not taken for the program's", async () => {
    const [port = 0, app = 0] = await freePorts(2);
    const script = `require("node:http").createServer((_, response) => response.end("foreign")).listen(${port}, () => console.log())`;
    const foreign = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    try {
      await once(foreign.stdout, "data");
      await using server = await own([["app", app]], { env: { PORT: String(port) } });
      expect(await server.ask()).toBe("app");
    } finally {
      foreign.kill("SIGKILL");
    }
  });

  test("an address that is never asked is said where nothing else is there", async () => {
    const [port = 0] = await freePorts(1);
    const toml = '[proxy]\n[ready]\ntimeout = "5s"';
    await using server = await own([["away", port, "127.0.0.2"]], { toml });
    await server.program.says(new RegExp(`it listens on ${port}, but neither at 127.0.0.1 nor at ::1`));
  });
});
