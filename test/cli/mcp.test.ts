/** `reload mcp`, as the official client of the protocol sees it. */
import { rmSync } from "node:fs";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { CallToolResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { expect, test } from "vitest";
import { newProject } from "../rig/project.ts";
import { builtProgram, cleanEnv, reload } from "../rig/reload.ts";
import { session } from "../rig/session.ts";
import { until } from "../rig/until.ts";
import { ask } from "./asking.ts";

interface Answer {
  readonly text: string;
  readonly isError: boolean;
  readonly value: unknown;
}

interface Agent extends AsyncDisposable {
  readonly client: Client;
  call(name: string, words?: Record<string, unknown>, signal?: AbortSignal): Promise<Answer>;
}

function transportTo(cwd: string): StdioClientTransport {
  const [command, ...args] = builtProgram;
  const env = Object.fromEntries(Object.entries(cleanEnv()).flatMap(([key, value]) => (value ? [[key, value]] : [])));
  return new StdioClientTransport({ command, args: [...args, "mcp"], cwd, env });
}

async function agent(cwd: string): Promise<Agent> {
  const transport = transportTo(cwd);
  const client = new Client({ name: "test", version: "1" });
  await client.connect(transport);
  return {
    client,
    async call(name, words = {}, signal) {
      const options = signal === undefined ? {} : { signal };
      const answer = await client.callTool({ name, arguments: words }, CallToolResultSchema, options);
      const result = CallToolResultSchema.parse(answer);
      const [content] = result.content;
      return {
        text: content?.type === "text" ? content.text : "",
        isError: result.isError === true,
        value: result.structuredContent,
      };
    },
    async [Symbol.asyncDispose]() {
      await client.close();
    },
  };
}

const config = `[build]\ncmd = "! grep -n BAD main.txt >&2"\n[watch]\ninclude_files = [".txt"]\n`;

test("an agent is told what is wrong with a file that is held back from the program", async () => {
  await using own = await session({
    config: `[watch]\ninclude_files = [".txt"]\n[[rule]]\nmatch = "app.json"\nschema = "schema.json"\n`,
    files: {
      "main.txt": "0",
      "app.json": '{ "port": 80 }',
      "schema.json": '{ "type": "object", "properties": { "port": { "type": "integer" } } }',
    },
  });
  await using ours = await agent(own.project.directory);
  await until("somebody to talk to", async () => !(await ours.call("status")).isError);
  own.project.write("app.json", '{ "port": "many" }');
  const held = await ours.call("wait");
  expect(held).toMatchObject({ isError: true, value: { state: "failed" } });
  expect(held.text).toMatch(/app\.json:1:11: .*port/);
  expect((await ours.call("status")).text).toContain("app.json");
  expect(own.starts).toHaveLength(1);
  own.project.write("app.json", '{ "port": 81 }');
  expect(await ours.call("wait")).toMatchObject({ isError: false, value: { state: "ready", run: 2 } });
});

test("an agent lists the tools, waits for its edit, gets the error of a build, restarts, and asks why", async () => {
  await using own = await session({ config, files: { "main.txt": "0", "notes.md": "" } });
  await using ours = await agent(own.project.directory);
  const { tools } = await ours.client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["wait", "status", "restart", "explain", "logs"]),
  );
  for (const { description, inputSchema } of tools)
    expect([description?.length, inputSchema.type]).toEqual([expect.any(Number), "object"]);
  expect(ours.client.getServerVersion()?.name).toBe("reload");
  expect(ours.client.getInstructions()).toContain("wait");
  await until("somebody to talk to", async () => !(await ours.call("status")).isError);

  own.project.write("main.txt", "1");
  const ready = await ours.call("wait");
  expect(ready).toMatchObject({ isError: false, value: { state: "ready", run: 2 } });
  expect(ready.text).toMatch(/^ready: run 2 · build /);
  // Without a check, a run is ready when it is started: a moment before it writes a line.
  await until("a line of the second run", () => own.starts.length === 2);

  own.project.write("main.txt", "BAD");
  const failed = await ours.call("wait");
  expect(failed).toMatchObject({ isError: true, value: { state: "failed", stage: "build" } });
  expect(failed.text).toMatch(/^failed: build(?:.*\n)*.*1:BAD/);
  expect((await ours.call("logs", { build: true })).text).toContain("1:BAD");

  own.project.write("main.txt", "2");
  expect(await ours.call("restart", { timeout: 30 })).toMatchObject({ isError: false, value: { state: "ready" } });
  expect(await ours.call("status", { verbose: true })).toMatchObject({
    isError: false,
    value: { services: [{ state: "ready" }] },
  });
  const why = await ours.call("explain", { paths: ["main.txt", "notes.md"] });
  expect(why.isError).toBe(false);
  expect(why.text.split("\n")).toEqual([
    expect.stringMatching(/^main\.txt: builds and restarts/),
    expect.stringMatching(/^notes\.md: ignored/),
  ]);
});

test("where nothing runs the answer says so, with what to do; another directory can be asked about", async () => {
  await using own = await session({ config, files: { "main.txt": "0" } });
  using elsewhere = newProject();
  await using ours = await agent(elsewhere.directory);
  const nobody = await ours.call("wait");
  expect(nobody.isError).toBe(true);
  expect(nobody.text).toMatch(/^no reload runs here or above\nstart one: /);
  const { directory } = own.project;
  await until("somebody to talk to", async () => !(await ours.call("status", { directory })).isError);
  expect(await ours.call("wait", { directory })).toMatchObject({ isError: false });
});

test("what cannot be done is an error of the protocol that names it", async () => {
  using project = newProject();
  await using ours = await agent(project.directory);
  await expect(ours.call("deploy")).rejects.toThrow("there is no tool deploy");
  await expect(ours.call("wait", { timeout: "soon" })).rejects.toThrow("timeout has to be a number");
  await expect(ours.call("wait", { path: "x" })).rejects.toThrow("wait does not take path");
  await expect(ours.call("explain")).rejects.toThrow("explain needs paths");
  await expect(ours.call("status", { directory: "src" })).rejects.toThrow("absolute path");
  await expect(ours.client.listPrompts()).rejects.toThrow();
  expect((await ours.call("status")).isError).toBe(true);
});

test("a wait that is given up is answered no more, not even when what it waited for has come", async () => {
  await using own = await session({
    config: `[build]\ncmd = "touch building; while test -e held; do sleep 0.02; done"\n[watch]\ninclude_files = [".go"]\n`,
    files: { "a.go": "0" },
  });
  const { directory } = own.project;
  await until("somebody to talk to", async () => (await ask(directory, "status")).code === 0);
  const transport = transportTo(directory);
  const answered = new Map<unknown, unknown>();
  transport.onmessage = (message) => {
    if ("id" in message) answered.set(message.id, message);
  };
  const call = (id: number, method: string, params: Record<string, unknown> = {}) =>
    transport.send({ jsonrpc: "2.0", id, method, params });
  await transport.start();
  own.project.write("held", "");
  rmSync(own.project.path("building"));
  own.project.write("a.go", "1");
  await until("the build", () => own.project.has("building"));
  await call(1, "tools/call", { name: "wait", arguments: {} });
  await call(2, "tools/call", { name: "wait", arguments: { timeout: 0.1 } });
  await until("the one that gives up by itself", () => answered.has(2));
  await transport.send({
    jsonrpc: "2.0",
    method: "notifications/cancelled",
    params: { requestId: 1, reason: "enough" },
  });
  await call(3, "tools/call", { name: "wait", arguments: {} });
  rmSync(own.project.path("held"));
  await until("the next one's answer", () => answered.has(3));
  expect(answered.get(3)).toMatchObject({ result: { structuredContent: { state: "ready", run: 2 } } });
  await call(4, "ping");
  await until("everything that came before", () => answered.has(4));
  expect([...answered.keys()]).toEqual([2, 3, 4]);
  await transport.close();
});

test("lines that are not questions are told, and it ends when nobody asks any more", async () => {
  using project = newProject();
  await using program = reload(["mcp"], {
    cwd: project.directory,
    stdin: {
      text: '\nnonsense\n{"jsonrpc":"2.0","id":7}\n{"jsonrpc":"2.0","method":"notifications/initialized"}\n{"jsonrpc":"2.0","id":"a","method":"ping"}\n',
    },
  });
  expect(await program.ended).toEqual({ code: 0, signal: null });
  const answers = program.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
  expect(answers).toEqual([
    { jsonrpc: "2.0", id: null, error: { code: -32700, message: "this is not a JSON object" } },
    { jsonrpc: "2.0", id: 7, error: { code: -32600, message: "there is no method" } },
    { jsonrpc: "2.0", id: "a", result: {} },
  ]);
  expect(program.stderr).toBe("");
});
