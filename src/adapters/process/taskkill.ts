/** Windows: no groups, and no signal that a console program could answer. The tree is ended by `taskkill /T /F`, which is what tree-kill calls. */
import type { TreeEnd } from "./tree.ts";

/** It answers when it has sent its signals, if it answers at all. */
const longestMs = 5_000;

export async function endTreeOnWindows({ pid, leaderEnded, hasLeaderEnded, onStuck }: TreeEnd): Promise<void> {
  // Without its leader there is no way down to the others any more.
  if (hasLeaderEnded()) return;
  await killTree(pid);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), longestMs);
  });
  if ((await Promise.race([leaderEnded, late])) === "late") onStuck([{ pid, command: "?" }]);
  clearTimeout(timer);
}

/** Resolves when the signals have been sent, or could not be; never rejects, never hangs. */
export async function killTree(pid: number): Promise<void> {
  const { default: treeKill } = await import("tree-kill");
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, longestMs);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    try {
      treeKill(pid, "SIGKILL", done);
    } catch {
      done();
    }
  });
}
