/** Each example is a real project: started through the real program, asked, edited, broken, mended. */
import { cpSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { needs } from "../rig/needs.ts";
import { newProject, type Project } from "../rig/project.ts";
import { type Reload, reload } from "../rig/reload.ts";
import { until } from "../rig/until.ts";

function example(name: string): Project {
  // Below a package of modules, as in the repository: what an example needs to say of itself is said by itself.
  const project = newProject({ "../package.json": '{ "type": "module" }' }, name);
  const from = fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
  rmSync(project.directory, { recursive: true });
  cpSync(from, project.directory, { recursive: true, filter: (path) => !/[/\\](tmp|target|node_modules)$/.test(path) });
  return project;
}

/** A port that nobody has at the moment. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

async function answers(port: number, text: string, program: Reload): Promise<string> {
  return until(
    `http://127.0.0.1:${port} answers with ${text}`,
    async () => {
      const body = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } }).then(
        (response) => response.text(),
        () => "",
      );
      return body.includes(text) ? body : undefined;
    },
    program.seen,
    120_000,
  );
}

/** Starts the example on a port of its own. */
async function run(project: Project): Promise<{ port: number; program: Reload }> {
  const port = await freePort();
  const program = reload(["--verbose", "--ready.http", `http://127.0.0.1:${port}/health`], {
    cwd: project.directory,
    env: { PORT: String(port), GOTOOLCHAIN: "local" },
  });
  return { port, program };
}

describe("examples/node", () => {
  test("starts, answers anew after an edit, stays when it is broken, and recovers", async () => {
    using project = example("node");
    const { port, program: started } = await run(project);
    await using program = started;
    await answers(port, "Hello from reload", program);
    await program.says(/watching \d/);
    const greeting = project.read("src/greeting.js");
    project.write("src/greeting.js", greeting.replace("Hello", "Good morning"));
    await answers(port, "Good morning from reload", program);
    await program.says(/● src\/greeting\.js changed → .*ready .* · run 2/);
    project.write("src/greeting.js", 'export const greeting = "broken;\n');
    await program.says(/✖ src\/greeting\.js changed → .*run 3 ended with code 1/);
    project.write("src/greeting.js", greeting.replace("Hello", "Good evening"));
    await answers(port, "Good evening from reload", program);
    expect((await program.stop()).code).toBe(143);
  });
});

describe("examples/assets", () => {
  test("an edited template is generated and served by one new run, a style sheet without one", async () => {
    using project = example("assets");
    const port = await freePort();
    await using program = reload(["--verbose"], { cwd: project.directory, env: { PORT: String(port) } });
    const style = async (text: string): Promise<unknown> =>
      until(
        `/site.css has ${text}`,
        async () => {
          const body = await fetch(`http://127.0.0.1:${port}/site.css`).then((response) => response.text());
          return body.includes(text) ? body : undefined;
        },
        program.seen,
      );
    await answers(port, "Hello, everyone", program);
    await style("color: #206040");
    await program.says(/watching \d/);
    const page = project.read("templates/page.html");

    project.write("templates/page.html", page.replace("Hello", "Good morning"));
    expect(await answers(port, "Good morning, everyone", program)).toContain("run 2");

    project.write("templates/page.html", page.replace("{{ name }}", "{{ name"));
    await program.says(/templates\/page\.html:4: \{\{ and \}\} do not go together/);
    await program.says(/✖ templates\/page\.html changed → rule [^ ]+ failed after .* · run 2 stays/);

    project.write("templates/page.html", page.replace("Hello", "Good evening"));
    expect(await answers(port, "Good evening, everyone", program)).toContain("run 3");

    project.write("styles/heading.css", "h1 { color: #802020; }\n");
    await style("color: #802020");
    expect(await answers(port, "Good evening, everyone", program)).toContain("run 3");
    expect((await program.stop()).code).toBe(143);
  });
});

describe.skipIf(!needs("go"))("examples/go-gin", () => {
  test("starts, answers anew after an edit, serves on when it is broken, and recovers", {
    timeout: 400_000,
  }, async () => {
    using project = example("go-gin");
    const { port, program: started } = await run(project);
    await using program = started;
    await answers(port, "Hello, reload", program);
    await program.says(/watching \d/);
    const source = project.read("greeting.go");
    project.write("greeting.go", source.replace('"Hello"', '"Good morning"'));
    await answers(port, "Good morning, reload", program);
    project.write("greeting.go", source.replace('"Hello"', '"broken'));
    await program.says(/✖ greeting\.go changed → build failed after .* \(code 1\) · run 2 stays/);
    await program.says(/greeting\.go:\d+:\d+: /);
    await answers(port, "Good morning, reload", program);
    project.write("greeting.go", source.replace('"Hello"', '"Good evening"'));
    await answers(port, "Good evening, reload", program);
    project.write("templates/hello.tmpl", project.read("templates/hello.tmpl").replace("<h1>", '<h1 class="new">'));
    await answers(port, '<h1 class="new">Good evening, reload', program);
    project.write("config.json", '{ "name": "everyone" }\n');
    await answers(port, "Good evening, everyone", program);
    expect((await program.stop()).code).toBe(143);
  });
});

describe.skipIf(!needs("go"))("examples/services", () => {
  test("the worker waits for the API; each is restarted for its own files, both for those in common; a broken API stays", {
    timeout: 400_000,
  }, async () => {
    using project = example("services");
    const port = String(await freePort());
    const config = project.read(".reload.toml").replaceAll("4803", port);
    project.write(".reload.toml", config);
    await using program = reload(["--verbose"], { cwd: project.directory, env: { GOTOOLCHAIN: "local" } });
    const worker = (text: string): Promise<true> =>
      until(text, () => program.stdout.includes(`worker | ${text}\n`) || undefined, program.seen, 120_000);
    await worker("Hello from the worker: Hello from the API!");
    await program.says(/watching \d/);
    project.write("api/main.go", project.read("api/main.go").replace('sign = "!"', 'sign = "?"'));
    await answers(Number(port), "Hello from the API?", program);
    expect(program.stderr).not.toMatch(/worker .*run 2/);
    project.write("worker/worker.js", project.read("worker/worker.js").replace("nobody", "no one"));
    await worker("Hello from the worker: Hello from the API?");
    await program.says(/worker ● worker\/worker\.js changed → .*run 2/);
    project.write("shared/greeting.json", '{ "hello": "Good morning" }\n');
    await worker("Good morning from the worker: Good morning from the API?");
    await program.says(/api {4}● shared\/greeting\.json changed → .*run 3/);
    project.write("api/main.go", project.read("api/main.go").replace('sign = "?"', "sign = broken"));
    await program.says(/api {4}✖ api\/main\.go changed → build failed after .* · run 3 stays/);
    await answers(Number(port), "Good morning from the API?", program);
    expect((await program.stop()).code).toBe(143);
  });
});

describe.skipIf(!needs("go"))("examples/config-guard", () => {
  test("reads what satisfies the schema, without a restart, and is never told of what does not", {
    timeout: 400_000,
  }, async () => {
    using project = example("config-guard");
    const { port, program: started } = await run(project);
    await using program = started;
    const first = await answers(port, "Hello from pid", program);
    await program.says(/watching \d/);
    const source = project.read("config.yaml");
    project.write("config.yaml", source.replace("100", "0"));
    await program.says(/config\.yaml:4:13: requests must be an integer from 1 to 10000\n.*requests: 0/);
    await program.says(/✖ config\.yaml is held back · run 1 stays/);
    project.write("config.yaml", source.replace("greeting", "greting"));
    await program.says(/config\.yaml:2:1: unknown key greting\n.*\n.*\n.*did you mean greeting\?/);
    // Somebody works on: the server that was there serves.
    expect(await answers(port, "Hello from pid", program)).toBe(first);
    project.write("config.yaml", source.replace("Hello", "Good morning"));
    expect(await answers(port, "Good morning from pid", program)).toBe(first.replace("Hello", "Good morning"));
    await program.says(/● \S+ changed → SIGHUP sent to run 1/);
    expect(program.stderr + program.stdout).not.toContain(", 0 requests per second");
    expect((await program.stop()).code).toBe(143);
  });
});
