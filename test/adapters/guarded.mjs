// Holds a guardian as `reload` does. argv: the session, and what to start under it: { name, command, end? }.
// It says so when everything has been started, and ends when its input does.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createGuardian } from "../.modules/adapters/process/guardian.js";

const [session, steps] = process.argv.slice(2);
const guardian = createGuardian(session, "", process.env, () => {});
for (const { name, command, end } of JSON.parse(steps)) {
  guardian.begin(name);
  const child = spawn("/bin/sh", ["-c", command], {
    detached: true,
    stdio: "ignore",
    env: { PATH: process.env.PATH, RELOAD_SESSION: `${session}-${name}.` },
  });
  guardian.group(name, child.pid);
  if (end === true) {
    await once(child, "exit");
    guardian.end(name);
  }
}
process.stdout.write("started\n");
process.stdin.resume().once("end", () => {
  guardian.close();
  process.exit(0);
});
