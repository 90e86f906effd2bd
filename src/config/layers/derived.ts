/** What nobody wrote as a key: what was found in the directory, and what COMMAND says. */
import type { DetectedProject } from "../projects/detect.ts";
import { type LayerItem, layerItem, type Origin } from "./layers.ts";

export const detectedBy = ({ what }: DetectedProject): Origin => ({ from: "detected", name: what });

export function detectedItems(detection: DetectedProject | undefined): LayerItem[] {
  if (detection === undefined) return [];
  const origin = detectedBy(detection);
  return detection.settings.map(({ name, raw }) => layerItem(name, raw, origin));
}

/** What is watched for a COMMAND: the files of the kind that its program belongs to. */
export async function kindItems(
  command: readonly [string, ...string[]],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<{ items: LayerItem[]; restartPatterns: readonly string[] } | undefined> {
  const { ecosystemOf } = await import("../projects/kinds.ts");
  const { ownFile } = await import("../projects/own-file.ts");
  const kind = await ecosystemOf(command, cwd, env);
  if (kind === undefined) return undefined;
  const embedded = await embeddedIn(kind.name, cwd);
  const own = ownFile(command, cwd, cwd, kind.files);
  const origin: Origin = { from: "command", name: `COMMAND, a ${kind.name} program` };
  return {
    items: [
      layerItem("watch.include_files", [...kind.files, ...own, ...embedded], origin),
      ...(kind.excluded.length === 0 ? [] : [layerItem("watch.exclude_dirs", kind.excluded, origin)]),
    ],
    restartPatterns: [".env*"],
  };
}

async function embeddedIn(kind: string, cwd: string): Promise<string[]> {
  if (kind !== "Go" && kind !== "Rust") return [];
  const { embeddedByGo, embeddedByRust } = await import("../projects/embeds.ts");
  return kind === "Go" ? embeddedByGo(cwd) : embeddedByRust(cwd);
}

/** COMMAND takes the place of the command and its arguments; air's get it appended, as air does. */
export function commandItems(command: readonly string[] | undefined, isAir: boolean): LayerItem[] {
  if (command === undefined) return [];
  const origin: Origin = { from: "command", name: "COMMAND" };
  if (isAir) return [{ ...layerItem("proc.args", [...command], origin), adds: true }];
  return [layerItem("proc.cmd", [...command], origin), layerItem("proc.args", [], origin)];
}
