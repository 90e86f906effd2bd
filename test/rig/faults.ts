/** Calls to the system that fail in the built program, while it runs: see `faults.cjs`. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Project } from "./project.ts";
import { builtProgram, type Options, type Reload } from "./reload.ts";
import { until } from "./until.ts";

export interface Fault {
  /** Of `node:fs` or `node:child_process`; `kill`, of `process`; `descriptors`: none is free; `throw`: out of nowhere. */
  readonly call: string;
  /** A part of what the call is given first. */
  readonly path?: string;
  readonly code?: string;
}

const preload = fileURLToPath(new URL("faults.cjs", import.meta.url));

/** What a session needs so that faults can be planted in it. */
export function faulty(project: Project): Pick<Options, "program"> & { readonly env: { readonly FAULTS: string } } {
  const [node, cli] = builtProgram;
  // Descriptors of which a few hundred are all are soon used up.
  const program = ["sh", "-c", 'ulimit -n 256; exec "$@"', "sh", node, "--require", preload, cli ?? ""] as const;
  return { program, env: { FAULTS: project.path("faults.json") } };
}

const metBy = (project: Project): string =>
  existsSync(project.path("faults.json.met")) ? readFileSync(project.path("faults.json.met"), "utf8") : "";

/** Each such call fails from now on, until `planted` is called again. */
export function plant(project: Project, planted: readonly Fault[]): void {
  writeFileSync(project.path("faults.json.met"), "");
  // Renamed, so that nobody reads half of it.
  project.replace("faults.json", JSON.stringify(planted));
}

/** Waits until the program has met the fault. */
export async function meets(project: Project, program: Reload, { call }: Fault): Promise<void> {
  await until(`${call} has failed`, () => metBy(project).includes(`${call}\n`), program.seen);
}

/** From now on nothing fails any more. */
export async function unplant(project: Project, program: Reload, { call }: Fault): Promise<void> {
  plant(project, []);
  if (call === "descriptors")
    await until("descriptors are free again", () => metBy(project).includes("freed\n"), program.seen);
}
