/** Without a file and without COMMAND: what is said, and what is run. */
import { expect, test } from "vitest";
import { needs } from "../rig/needs.ts";
import { newProject } from "../rig/project.ts";
import { reload } from "../rig/reload.ts";
import { until } from "../rig/until.ts";

const server = `const { word } = require("./word");
require("node:http").createServer((_, answer) => answer.end(word)).listen(0, "127.0.0.1", function () {
  process.stdout.write(\`\${word} listens, \${process.argv.slice(2)} \${process.env.NODE_ENV}\\n\`);
});
`;

test("a dev script runs without its watcher, with its words and variables, and again on a save", async () => {
  using project = newProject({
    "package.json": JSON.stringify({
      scripts: { predev: "echo prepared", dev: "NODE_ENV=development nodemon server.js --fast" },
    }),
    "server.js": server,
    "word.js": "module.exports = { word: 'first' };\n",
    "README.md": "",
    "node_modules/.keep": "",
  });
  await using program = reload([], { cwd: project.directory });
  await program.says(
    /found a Node project: node server\.js --fast \(script dev, without nodemon\) · keep it: reload init/,
  );
  await program.says(/run 1/);
  await until("the server prints", () => /first listens, --fast development/.test(program.stdout), program.seen);
  project.write("README.md", "no restart");
  project.write("word.js", "module.exports = { word: 'second' };\n");
  await until("the server prints", () => /second listens/.test(program.stdout), program.seen);
  // The program prints past reload, which says so a moment later.
  await program.says(/● word\.js changed/);
  expect(program.stderr.match(/run \d/g)?.at(-1)).toBe("run 2");
  // What its script did once is done once.
  expect(`${program.stdout}${program.stderr}`.match(/^prepared$/gm)).toHaveLength(1);
});

test.runIf(needs("python3"))("a Python script that ends at once with 0 gets a hint, once", async () => {
  using project = newProject({ "main.py": "x = 1\n" });
  await using program = reload([], { cwd: project.directory });
  await program.says(/main\.py ended at once: a server would go on\./);
  const before = program.stderr.length;
  project.write("main.py", "x = 2\n");
  await program.says(/run 2 ended with code 0/, before);
  expect(program.stderr.match(/ended at once/g)).toHaveLength(1);
});

test.runIf(needs("go"))(
  "a Go program that only shows how it is used gets a hint, unless it was given words",
  async () => {
    using project = newProject({
      "go.mod": "module shop\n\ngo 1.22\n",
      "main.go": 'package main\n\nimport "os"\n\nfunc main() { println("words", len(os.Args)) }\n',
    });
    await using program = reload([], { cwd: project.directory });
    await program.says(/shop ended at once: .* reload --proc\.args serve/);
    await program.stop();
    await using given = reload(["--proc.args", "serve"], { cwd: project.directory });
    await given.says(/words 2/);
    await given.says(/run 1 ended with code 0/);
    await given.stop();
    expect(given.stderr).not.toContain("ended at once");
  },
);

test.runIf(needs("python3"))("one that is asked to end, and does so with 0, gets none", async () => {
  const text = (word: string): string =>
    `import signal, sys\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(0))\nprint("${word}", flush=True)\nsignal.pause()\n`;
  using project = newProject({ "main.py": text("first") });
  await using program = reload([], { cwd: project.directory });
  await program.says(/run 1/);
  await until("the program prints", () => program.stdout.includes("first"), program.seen);
  project.write("main.py", text("second"));
  await until("the program prints", () => program.stdout.includes("second"), program.seen);
  await program.stop();
  expect(program.stderr).not.toContain("ended at once");
});

test("what watches by itself is said, with the command to run, and nothing is started", async () => {
  using project = newProject({
    "package.json": JSON.stringify({ scripts: { dev: "vite", build: "vite build", start: "vite preview" } }),
  });
  await using program = reload([], { cwd: project.directory });
  expect((await program.ended).code).toBe(2);
  expect(program.stderr).toContain('script "dev" starts vite, which watches and reloads by itself');
  expect(program.stderr).toContain("npm run dev");
});
