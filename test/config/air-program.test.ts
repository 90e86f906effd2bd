/** Which part of air's `bin` is the program. */
import { describe, expect, test } from "vitest";
import { newProject } from "../rig/project.ts";
import { reloadOnce } from "../rig/reload.ts";
import { good, loadIn } from "./loading.ts";

async function commandOf(bin: string, cmd: string, files: Record<string, string> = {}): Promise<unknown> {
  using project = newProject({
    ...files,
    ".air.toml": `[build]\ncmd = ${JSON.stringify(cmd)}\nbin = ${JSON.stringify(bin.replace("HERE", "."))}\n`,
  });
  return good(await loadIn(project)).config.proc.cmd;
}

describe.skipIf(process.platform === "win32")("of bin the program is", () => {
  test.each<[string, string, string, Record<string, string>, string]>([
    ["what cmd builds", "my app/tmp/main -v", 'go build -o "my app/tmp/main" .', {}, "'my app/tmp/main' -v"],
    ["the same with =", "./my app -v", "go build -o='my app' .", {}, "'./my app' -v"],
    ["a file", "my app/main web", "make", { "my app/main": "" }, "'my app/main' web"],
    ["in a directory with a blank", "my app/tmp/main web", "make", { "my app/x": "" }, "'my app/tmp/main' web"],
    ["the first word", "./tmp/vikunja web", "make", {}, "./tmp/vikunja web"],
    ["a debugger before a file", "bin/dlv exec tmp/x", "go build -o tmp/x .", { "bin/dlv": "" }, "bin/dlv exec tmp/x"],
    [
      "a debugger that is nowhere",
      "/go/bin/dlv exec --continue /tmp/x",
      "go build -o /tmp/x .",
      {},
      "/go/bin/dlv exec --continue /tmp/x",
    ],
    ["a bare name with a blank", "my app", "make", { "my app": "" }, "'./my app'"],
  ])("%s: %s", async (_, bin, cmd, files, meant) => {
    expect(await commandOf(bin, cmd, files)).toBe(meant);
  });

  test("run with its words, when only the build has made it", async () => {
    using project = newProject({
      ".air.toml": `[build]\ncmd = "mkdir -p 'my app' && printf '#!/bin/sh\\\\necho it has $#: $1\\\\n' > 'my app/main' && chmod +x 'my app/main' && true -o 'my app/main'"\nbin = "my app/main web"\n`,
    });
    const { stdout, stderr } = await reloadOnce(["--once"], { cwd: project.directory });
    expect(stdout, stderr).toBe("it has 1: web\n");
  });

  test.each<[string, string, string]>([
    ["in a directory that the build makes", "my app/main web", "my app/main"],
    ["beside a file that only begins like it", "tmp/my app web", "tmp/my app"],
    ["a bare name", "my app", "my app"],
  ])("what the build has made without saying so: %s", async (_, bin, made) => {
    using project = newProject({
      "build.sh": `mkdir -p "$(dirname '${made}')"\nprintf '#!/bin/sh\necho it has $#: $1\n' > '${made}'\nchmod +x '${made}'\n`,
      "tmp/my": "not a program",
      ".air.toml": `[build]\ncmd = "sh build.sh"\nbin = "${bin}"\n`,
    });
    const { stdout, stderr } = await reloadOnce(["--once"], { cwd: project.directory });
    expect(stdout, stderr).toBe(bin.endsWith("web") ? "it has 1: web\n" : "it has 0:\n");
  });
});
