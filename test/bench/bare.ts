/**
 * The lower bound: one `fs.watch`, and a spawn at its first event. It decides nothing, loses what falls into its blind 25 ms,
 * and is nobody's tool. `race` starts the new child without waiting for the end of the old one, `wait` waits.
 *
 *   node bare.js race|wait DIRECTORY COMMAND…
 */
import { type ChildProcess, spawn } from "node:child_process";
import { watch } from "node:fs";

const [mode = "race", directory = ".", file = "", ...args] = process.argv.slice(2);
let child: ChildProcess | undefined;
let blindUntil = 0;

function begin(): void {
  child = spawn(file, args, { stdio: "inherit", detached: true });
}

function stop(): void {
  if (child?.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGTERM");
  } catch {
    // Gone already.
  }
}

begin();
watch(directory, () => {
  const now = performance.now();
  if (now < blindUntil) return;
  blindUntil = now + 25;
  if (mode === "wait") child?.once("exit", begin);
  stop();
  if (mode !== "wait") begin();
});
process.on("SIGTERM", () => {
  stop();
  process.exit(0);
});
