/** A script that starts several programs at once: each as a service. */
import { relative } from "node:path";
import { nodeSettings } from "./node-settings.ts";
import { nameFor, ofOthers } from "./procfile.ts";
import type { Services } from "./project.ts";
import { type Package, readPackage } from "./scripts/package.ts";
import type { FoundSetting, ScriptPart } from "./scripts/program.ts";

export function servicesOfParts(pkg: Package, parts: readonly ScriptPart[]): Services {
  const names: string[] = [];
  const settings: FoundSetting[] = [];
  const top = new Map<string, FoundSetting>();
  const remarks: string[] = [];
  for (const part of parts) {
    const name = nameFor(part.name ?? calledIn(part), names);
    names.push(name);
    for (const each of settingsOf(pkg, part, remarks))
      if (each.name === "tmp_dir") top.set(each.name, each);
      else settings.push({ name: `service.${name}.${each.name}`, raw: each.raw });
  }
  return { names, settings: [...top.values(), ...settings], remarks };
}

function settingsOf(pkg: Package, { line, reading, env }: ScriptPart, remarks: string[]): FoundSetting[] {
  if (reading.is !== "program" || ofOthers.test(line)) {
    const watch = reading.is === "unreadable" ? [] : [{ name: "watch", raw: false }];
    const variables = env === undefined ? [] : [{ name: "proc.env", raw: env }];
    return [{ name: "proc.cmd", raw: line }, ...variables, ...watch];
  }
  const { program } = reading;
  const root = relative(pkg.directory, program.directory).replaceAll("\\", "/");
  const there = root === "" ? pkg : readPackage(program.directory, pkg.env);
  const isMember = there !== undefined && there !== "broken" && !root.startsWith("..");
  const made = nodeSettings(isMember ? there : pkg, program);
  remarks.push(...made.remarks);
  if (!isMember || root === "") return [...made.settings];
  // One `tmp_dir` is for all; a build of a member writes into its own.
  return [{ name: "root", raw: root }, ...made.settings.filter(({ name }) => name !== "tmp_dir")];
}

/** `npm run dev:api` is called api, `cd apps/web && …` web, `node server.js` server. */
function calledIn({ line }: ScriptPart): string {
  const script = /\brun\s+([\w:.-]+)/.exec(line)?.[1];
  const place = /^cd (?:\S*\/)?([\w.-]+) && /.exec(line)?.[1];
  if (place !== undefined) return place;
  if (script !== undefined)
    return script.replace(/^(?:dev|start|watch|serve|run)[:-]/, "").replace(/[:-](?:dev|start|watch|serve|run)$/, "");
  const words = line.split(/\s+/).filter((word) => !/^-|=/.test(word));
  const file = words.findLast((word) => /\.[mc]?[jt]sx?$/.test(word));
  const name = (file ?? words[0] ?? "").replace(/^.*\//, "").replace(/\.\w+$/, "");
  return /^(?:index|main)?$/.test(name) ? "app" : name;
}
