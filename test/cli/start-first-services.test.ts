import { readFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { newProject } from "../rig/project.ts";
import { reload, reloadOnce } from "../rig/reload.ts";
import { until } from "../rig/until.ts";

/** What it does is in its file: it is good, ends at once, or ends once it was asked to. */
const server = `const version = "VERSION", what = "WHAT";
if (what === "ends") process.exit(3);
const server = require("node:http").createServer((request, response) => {
  if (request.url === "/crash" && what === "crashes") process.exit(4);
  setTimeout(() => response.end(version), 20);
});
server.listen(PLACE);
process.on("SIGTERM", () => { server.close(() => process.exit(0)); server.closeIdleConnections(); });
`;
const places = { front: "process.env.PORT", handed: "{ fd: 3 }" };
type Name = keyof typeof places;
const versionOf = (name: Name, version: number, what = "good"): string =>
  server.replace("VERSION", `v${version}`).replace("WHAT", what).replace("PLACE", places[name]);

const ask = (url: string, method: string): Promise<string> =>
  new Promise((resolve) => {
    request(url, { agent: false, method }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response
        .on("end", () => resolve(response.statusCode === 200 ? text : `${response.statusCode}`))
        .on("error", ({ message }) => resolve(message));
    })
      .on("error", ({ message }) => resolve(message))
      .end();
  });

async function freePort(): Promise<number> {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
  const address = holder.address();
  await new Promise((resolve) => holder.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** How many runs of each there are, as the kernel says. */
function runsOf(pid: number): Record<Name, number> {
  const counts = { front: 0, handed: 0 };
  try {
    for (const child of readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")) {
      const words = readFileSync(`/proc/${child}/cmdline`, "utf8");
      for (const name of ["front", "handed"] as const) if (words.includes(`${name}.cjs`)) counts[name] += 1;
    }
  } catch {
    // One of them has ended.
  }
  return counts;
}

test.runIf(process.platform === "linux")(
  "start-first for two services at once, one behind the proxy and one on a socket: no request fails, never a third run, and what ready says is what answers",
  { timeout: 120_000 },
  async () => {
    const port = await freePort();
    const service = (name: Name, more: string): string =>
      `[service.${name}]\nproc = { cmd = ["node", "${name}.cjs"], swap = "start-first" }\nwatch.include_files = ["/${name}.cjs"]\n${more}\n`;
    using project = newProject({
      "front.cjs": versionOf("front", 0),
      "handed.cjs": versionOf("handed", 0),
      ".reload.toml":
        service("front", 'proxy.target = "auto"') +
        service("handed", `sockets.listen = [${port}]\nready.exec = "sleep 0.2"`),
    });
    await using program = reload([], { cwd: project.directory, env: { PORT: undefined } });
    const [, front = ""] = await program.says(/front: open (http:\S+)/);
    const urls: Record<Name, string> = { front, handed: `http://localhost:${port}` };
    expect(await reloadOnce(["wait"], { cwd: project.directory })).toMatchObject({ code: 0 });
    const most = { front: 0, handed: 0 };
    const sampler = setInterval(() => {
      const now = runsOf(program.pid);
      for (const name of ["front", "handed"] as const) most[name] = Math.max(most[name], now[name]);
    }, 5);
    const failures: string[] = [];
    let isOver = false;
    const loads = (["front", "handed"] as const).flatMap((name) =>
      ["GET", "POST"].map(async (method) => {
        while (!isOver) {
          const answer = await ask(urls[name], method);
          if (!answer.startsWith("v")) failures.push(`${name} ${method}: ${answer}`);
        }
      }),
    );
    for (const [version, what] of [
      [1, "good"],
      [2, "ends"],
      [3, "good"],
      [4, "good"],
    ] as const) {
      for (const name of ["front", "handed"] as const) project.write(`${name}.cjs`, versionOf(name, version, what));
      const { code } = await reloadOnce(["wait"], { cwd: project.directory });
      expect(code, program.seen()).toBe(what === "good" ? 0 : 1);
      const serving = what === "good" ? version : version - 1;
      // Whoever has waited is never answered by an old version.
      for (const name of ["front", "handed"] as const)
        for (let round = 0; round < 20; round += 1) expect(await ask(urls[name], "GET")).toBe(`v${serving}`);
    }
    isOver = true;
    await Promise.all(loads);
    clearInterval(sampler);
    expect(failures).toEqual([]);
    expect(most).toEqual({ front: 2, handed: 2 });

    project.write("front.cjs", versionOf("front", 5, "crashes"));
    await until("v5", async () => (await ask(front, "GET")) === "v5", program.seen);
    // Sent once: it may have had an effect.
    expect(await ask(`${front}/crash`, "POST")).toBe("502");
    await until("the version before", async () => (await ask(front, "GET")) === "v4", program.seen);
    expect(await ask(urls.handed, "GET")).toBe("v4");
  },
);
