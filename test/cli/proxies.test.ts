/** Services with a proxy each. */
import { request } from "node:http";
import { expect, test } from "vitest";
import { newProject } from "../rig/project.ts";
import { reload } from "../rig/reload.ts";
import { until } from "../rig/until.ts";

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** `enough`: for what never ends. */
function ask(url: string, headers: Readonly<Record<string, string>> = {}, enough?: RegExp): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { agent: false, headers }, (response) => {
      let text = "";
      const end = (): void => resolve({ status: response.statusCode ?? 0, text });
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
        if (enough?.test(text) !== true) return;
        end();
        outgoing.destroy();
      });
      response.on("end", end).on("error", reject);
    });
    outgoing.on("error", reject).end();
  });
}

const server = (version: number): string => `require("node:http").createServer((_, response) => {
  const { RELOAD_URL, RELOAD_URL_API, RELOAD_URL_WEB_APP } = process.env;
  response.end(JSON.stringify({ version: ${version}, RELOAD_URL, RELOAD_URL_API, RELOAD_URL_WEB_APP }));
}).listen(process.env.PORT);
`;

const service = (name: string, root: string): string => `[service.${name}]
root = "${root}"
[service.${name}.build]
cmd = "! grep -n BAD server.cjs >&2"
[service.${name}.proc]
cmd = ["node", "server.cjs"]
[service.${name}.watch]
include_files = [".cjs"]
[service.${name}.proxy]
target = "auto"
`;

test("each has an address of its own that all are told; one waits for its own source alone, and shows what has failed anywhere", async () => {
  using project = newProject({
    "api/server.cjs": server(0),
    "web/server.cjs": server(0),
    ".reload.toml": service("api", "api") + service("web-app", "web"),
  });
  await using program = reload(["--verbose"], { cwd: project.directory, env: { PORT: undefined } });
  await program.says(/open http[\s\S]*open http/);
  const [api = "", web = ""] = [...program.stderr.matchAll(/open (http:\S+)/g)].map(([, url = ""]) => url);
  expect(api).not.toBe(web);
  const told = { RELOAD_URL_API: api, RELOAD_URL_WEB_APP: web };
  expect(JSON.parse((await ask(api)).text)).toMatchObject({ ...told, RELOAD_URL: api });
  expect(JSON.parse((await ask(web)).text)).toMatchObject({ ...told, RELOAD_URL: web });
  await program.says(/watching \d/);
  const fresh = { "Reload-Wait": "1" };
  project.write("api/server.cjs", server(1));
  expect(JSON.parse((await ask(api, fresh)).text)).toMatchObject({ version: 1 });
  project.write("api/server.cjs", `${server(2)}// BAD\n`);
  const failed = await ask(api, fresh);
  expect(failed.status).toBe(503);
  expect(JSON.parse(failed.text)).toMatchObject({ state: "failed", stage: "build", url: api });
  // The other one has nothing to do with it, and its pages show it all the same.
  expect(await ask(web, fresh)).toMatchObject({ status: 200 });
  const events = await ask(`${web}/__reload/events`, {}, /\n\n/);
  expect(events.text).toMatch(/"service":"api","stage":"build".*BAD/);
  project.write("api/server.cjs", server(3));
  expect(JSON.parse((await ask(api, fresh)).text)).toMatchObject({ version: 3 });
  await until(
    "nothing fails",
    async () => (await ask(`${web}/__reload/events`, {}, /\n\n/)).text.includes('"failures":[]'),
    program.seen,
  );
});
