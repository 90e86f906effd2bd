/** `[ui] notify`: what the desktop is told. */
import { chmodSync } from "node:fs";
import { delimiter } from "node:path";
import { expect, test } from "vitest";
import type { Project } from "../rig/project.ts";
import { session } from "../rig/session.ts";
import { until } from "../rig/until.ts";

const config = `[build]
cmd = "! grep -n BAD main.txt >&2"
[ui]
notify = true
[watch]
include_files = [".txt"]
`;

/** The program that shows notifications, in front of the one that this machine may have: it writes down what it is to show. */
function desktop(project: Project): void {
  project.write(
    "bin/notify-send",
    `#!/bin/sh\nprintf '%s|' "$@" >>'${project.path("shown")}'\necho >>'${project.path("shown")}'\n`,
  );
  chmodSync(project.path("bin/notify-send"), 0o755);
}

const onPath = (directory: string): Record<string, string> => ({
  PATH: `${directory}${delimiter}${process.env["PATH"] ?? ""}`,
});

test.runIf(process.platform === "linux")(
  "the desktop is told that something has failed, once, and that it works again",
  async () => {
    await using own = await session({
      config,
      files: { "main.txt": "0" },
      prepare: desktop,
      env: onPath("bin"),
    });
    const { project } = own;
    const title = `--app-name=reload|--|reload: ${project.directory.split("/").at(-1)}`;
    project.write("main.txt", "BAD");
    await until(
      "the failure",
      () => project.read("shown") === `${title}|build failed (code 1)|\n`,
      () => own.program.seen() + project.read("shown"),
    );
    // It still fails: whoever mends it knows.
    project.write("main.txt", "BAD again");
    await own.program.says(/build failed[\s\S]*build failed/);
    project.write("main.txt", "2");
    await until(
      "the success",
      () => project.read("shown") === `${title}|build failed (code 1)|\n${title}|works again|\n`,
    );
    const { pid } = await own.start(2);
    process.kill(pid, "SIGKILL");
    await until("the crash", () => project.read("shown").endsWith(`${title}|run 2 ended (SIGKILL)|\n`));
    project.write(".reload.toml", project.read(".reload.toml").replace("notify = true", "notify = false"));
    await own.program.says(/configuration 2: ui\.notify/);
    project.write("main.txt", "3");
    await own.start(3);
    project.write("main.txt", "BAD");
    await own.program.says(/run 3 stays/);
    expect(project.read("shown").split("\n")).toHaveLength(4);
  },
);

test.runIf(process.platform === "linux")(
  "a machine without a desktop is told so once, and nothing else happens",
  async () => {
    await using own = await session({
      config,
      files: { "main.txt": "0" },
      prepare(project) {
        project.write("bin/notify-send", "#!/bin/sh\nexit 1\n");
        chmodSync(project.path("bin/notify-send"), 0o755);
      },
      env: onPath("bin"),
    });
    own.project.write("main.txt", "BAD");
    await own.program.says(/no notification is shown: notify-send could not show it/);
    own.project.write("main.txt", "1");
    await own.start(2);
  },
);
