import { get } from "node:http";
import { describe, expect, test } from "vitest";
import { newProject } from "../rig/project.ts";
import { type Reload, reload } from "../rig/reload.ts";
import { until } from "../rig/until.ts";

/** Ends gracefully: it takes no more connections, and waits for those that are open. */
const server = `
const server = require("node:http").createServer((request, response) => response.writeHead(200).write("data: 1\\n\\n"));
server.listen(0, "127.0.0.1", () => require("node:fs").appendFileSync("ports", server.address().port + "\\n"));
process.on("SIGTERM", () => server.close(() => process.exit(0)));
process.on("SIGINT", () => server.close(() => process.exit(0)));
`;

/** Somebody who listens to the stream of run number `count`. */
async function listener(ports: () => string, count: number, seen: () => string): Promise<number> {
  const port = Number(await until(`port ${count}`, () => ports().split("\n")[count - 1] || undefined, seen));
  await new Promise<void>((resolve, reject) => {
    get({ host: "127.0.0.1", port }, (response) => {
      response.on("error", () => {}).on("data", () => resolve());
    }).on("error", reject);
  });
  return port;
}

describe.runIf(process.platform === "linux")("a server with an open event stream", () => {
  test("is told from the second time on: what it waits for, and which key says how long", async () => {
    using project = newProject({
      ".reload.toml":
        '[proc]\ncmd = ["node", "server.cjs"]\nstop_timeout = "300ms"\n[watch]\ninclude_files = [".txt"]\n',
      "server.cjs": server,
      "a.txt": "0",
    });
    await using program: Reload = reload([], { cwd: project.directory });
    const ports = (): string => project.read("ports");
    await listener(ports, 1, program.seen);
    project.write("a.txt", "1");
    const second = await listener(ports, 2, program.seen);
    expect(program.stderr).not.toContain("open connection");
    project.write("a.txt", "2");
    await listener(ports, 3, program.seen);
    await program.says(
      new RegExp(`run 2 needed all of its 300ms .*: 1 open connection on :${second}\\n.*stop_timeout`),
    );
    project.write("a.txt", "3");
    await listener(ports, 4, program.seen);
    expect(program.stderr.match(/open connection/g)).toHaveLength(1);
  });

  test("on a Unix socket as well, by its path", async () => {
    using project = newProject({
      ".reload.toml":
        '[proc]\ncmd = ["node", "server.cjs"]\nstop_timeout = "200ms"\n[watch]\ninclude_files = [".txt"]\n',
      "server.cjs": server
        .replace("listen(0,", 'listen("s" + process.env.RELOAD_RUN,')
        .replace(' "127.0.0.1",', "")
        .replace("server.address().port", "process.env.RELOAD_RUN"),
      "a.txt": "0",
    });
    await using program: Reload = reload([], { cwd: project.directory });
    for (let count = 1; count <= 3; count += 1) {
      await until(`run ${count}`, () => project.read("ports").split("\n").length > count, program.seen);
      if (count === 3) break;
      const heard = new Promise((resolve) => {
        get({ socketPath: project.path(`s${count}`) }, (response) =>
          response.on("error", () => {}).on("data", resolve),
        );
      });
      await heard;
      project.write("a.txt", String(count));
    }
    await program.says(/run 2 needed all of its 200ms .*: 1 open connection on s2\n/);
  });

  test.each([
    ["SIGTERM and half a second", ""],
    ["SIGINT and half a second", "send_interrupt = true\n"],
    ["SIGINT and what kill_delay says", 'send_interrupt = true\nkill_delay = "200ms"\n'],
  ])("of an air file gets %s", async (name, keys) => {
    using project = newProject({
      ".air.toml": `[build]\ncmd = "true"\nbin = "server.sh"\ninclude_ext = ["txt"]\n${keys}`,
      "server.sh": "#!/bin/sh\nexec node server.cjs\n",
      "server.cjs": server,
      "a.txt": "0",
    });
    const { chmodSync } = await import("node:fs");
    chmodSync(project.path("server.sh"), 0o755);
    await using program = reload([], { cwd: project.directory });
    await listener(() => project.read("ports"), 1, program.seen);
    project.write("a.txt", "1");
    await program.says(
      new RegExp(
        `did not end within ${name.includes("kill_delay") ? 200 : 500}ms of ${name.slice(0, name.indexOf(" "))}`,
      ),
    );
    await listener(() => project.read("ports"), 2, program.seen);
  });
});
