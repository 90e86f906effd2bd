import { chmodSync, rmSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { newProject } from "../rig/project.ts";
import { reload, reloadOnce } from "../rig/reload.ts";
import { until } from "../rig/until.ts";

const server =
  'require("node:http").createServer().listen(0, () => require("node:fs").appendFileSync("starts", process.pid + "\\n"));';

const starts = (text: string): number => text.split("\n").length - 1;

describe("a build that does not end", () => {
  test.runIf(process.platform === "linux")("is named as soon as it is seen to be a server, once", async () => {
    using project = newProject({
      ".reload.toml": '[build]\ncmd = "node server.cjs; true"\n[watch]\ninclude_files = [".txt"]\n',
      "server.cjs": server,
      "a.txt": "0",
    });
    await using program = reload([], { cwd: project.directory });
    await program.says(/build 1 does not end, and listens on :\d+\n.*"node server\.cjs; true" .*cmd under \[proc\]/);
    project.write("a.txt", "1");
    await until("it is built anew", () => starts(project.read("starts")) === 2, program.seen);
    expect(program.stderr.match(/does not end/g)).toHaveLength(1);
  });

  test("of an air file whose bin is not there is the program, as its words say, and every save starts it", async () => {
    using project = newProject({
      ".air.toml": '[build]\ncmd = "node server.cjs"\nbin = "./tmp/main"\ninclude_ext = ["txt"]\n',
      "server.cjs": server,
      "a.txt": "0",
    });
    await using program = reload([], { cwd: project.directory });
    await program.says(/node server\.cjs is run as the program: it does not end, and \.\/tmp\/main is not there/);
    for (let count = 1; count <= 5; count += 1) {
      await until(`start ${count}`, () => starts(project.read("starts")) === count, program.seen);
      project.write("a.txt", String(count));
    }
    await until("the last start", () => starts(project.read("starts")) === 6, program.seen);
    await program.says(/running · run \d/);
  });

  test("of an air file that makes its bin and ends is a build, whatever its words say; one that serves is the program", async () => {
    using project = newProject({
      ".air.toml": '[build]\ncmd = "node build.cjs"\nbin = "./tmp/main"\ninclude_ext = ["txt"]\n',
      "build.cjs":
        'const fs = require("node:fs"); fs.mkdirSync("tmp", { recursive: true }); fs.writeFileSync("tmp/main", "#!/bin/sh\\necho the program; exec sleep 1000\\n", { mode: 0o755 });',
      "a.txt": "0",
    });
    await using program = reload([], { cwd: project.directory });
    await program.says(
      /node build\.cjs has ended, and \.\/tmp\/main is there: it is the build\n(?:.*\n)*● .* → build .* → .*running/,
    );
    await until("the program runs", () => program.stdout.includes("the program"), program.seen);
    await program.stop();
    rmSync(project.path("tmp"), { recursive: true });
    const once = await reloadOnce(["--once", "--for", "50ms"], { cwd: project.directory });
    expect(once).toMatchObject({ code: 0, stdout: "the program\n" });
  });

  test.runIf(process.platform === "linux")("of an air file, that serves, is the program from then on", async () => {
    using project = newProject({
      ".air.toml": '[build]\ncmd = "./serve"\nbin = "./tmp/main"\ninclude_ext = ["txt"]\n',
      serve: "#!/bin/sh\nexec node server.cjs\n",
      "server.cjs": server,
      "a.txt": "0",
    });
    chmodSync(project.path("serve"), 0o755);
    await using program = reload([], { cwd: project.directory });
    await program.says(/\.\/serve is run as the program: .*\n(?:.*\n)*● .*running · run 1/);
    const count = starts(project.read("starts"));
    project.write("a.txt", "1");
    await program.says(/a\.txt changed → .*running · run 2/);
    await until("the next start", () => starts(project.read("starts")) > count, program.seen);
  });

  test("of an air file whose bin is there stays a build", async () => {
    using project = newProject({
      ".air.toml": '[build]\ncmd = "node build.cjs"\nbin = "./tmp/main"\ninclude_ext = ["txt"]\n',
      "build.cjs": "",
      "tmp/main": "#!/bin/sh\necho the program; exec sleep 1000\n",
    });
    chmodSync(project.path("tmp/main"), 0o755);
    await using program = reload([], { cwd: project.directory });
    await until("the program runs", () => program.stdout.includes("the program"), program.seen);
  });
});

test("a COMMAND that watches by itself is said in one line", async () => {
  using project = newProject({ "a.js": "setInterval(() => {}, 1000)" });
  await using program = reload(["--", "node", "--watch", "a.js"], { cwd: project.directory });
  await program.says(/node --watch watches by itself, so that two restart the same program: leave --watch out\n/);
});
