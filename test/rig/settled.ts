/** A project whose files are older than a start in this very process: what was written within a tick of the clock of files is taken for news. */
import { newProject, type Project } from "./project.ts";

const tickMs = 20;

export function settledProject(files: Readonly<Record<string, string>> = {}): Project {
  const project = newProject(files);
  const writtenAt = Date.now();
  while (Date.now() - writtenAt <= tickMs) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  return project;
}
