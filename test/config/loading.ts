/** Loads a configuration as a user would have it, for the tests. */
import { type ConfigRequest, type Loaded, type LoadedConfig, load } from "../../src/config/layers/load.ts";
import type { Problem } from "../../src/core/problem.ts";
import { palette } from "../../src/report/colour.ts";
import { problemsText } from "../../src/report/problem.ts";
import { newProject, type Project } from "../rig/project.ts";

export type Given = Partial<ConfigRequest>;

/** A home directory that is nowhere, so that the machine's own files have no say. */
export const nowhere = { HOME: "/nonexistent-home" };

export function loadIn(project: Project, given: Given = {}): Promise<Loaded> {
  return load({ cwd: project.directory, flags: [], ...given, env: { ...nowhere, ...given.env } });
}

export async function loadText(text: string, given: Given = {}): Promise<Loaded> {
  using project = newProject({ ".reload.toml": text });
  // Awaited here: the project is removed at the end of this function.
  return await loadIn(project, given);
}

export function good(loaded: Loaded): LoadedConfig {
  if (!loaded.ok) throw new Error(told(loaded.problems));
  return loaded;
}

/** As the user sees them. */
export function told(problems: readonly Problem[]): string {
  return problemsText(problems, palette(false));
}

/** What is said of a configuration that is wrong. */
export function complaints(loaded: Loaded): string {
  if (loaded.ok) throw new Error(`nothing is wrong with it: ${JSON.stringify(loaded.config)}`);
  return told(loaded.problems);
}

/** A flag as the command line gives it. */
export const flag = (name: string, text: string, mode?: "add"): ConfigRequest["flags"][number] => ({
  name,
  text,
  spelled: `--${name}`,
  ...(mode === undefined ? {} : { mode }),
});
