/** Frameworks whose program is built and run by a tool of their own, which watches. */
import { has, textOf, type Unclear } from "./project.ts";

/** What tells it, what it is called, and how its people run it. */
type Tool = readonly [file: string, says: RegExp | undefined, name: string, through: string];

const ofRust: readonly Tool[] = [
  ["Cargo.toml", /^\[+(?:package|workspace)\.metadata\.leptos\]/m, "Leptos", "cargo leptos watch"],
  ["Dioxus.toml", undefined, "Dioxus", "dx serve"],
  ["Trunk.toml", undefined, "Trunk", "trunk serve"],
];

const ofGo: readonly Tool[] = [
  ["wails.json", undefined, "Wails", "wails dev"],
  ["encore.app", undefined, "Encore", "encore run"],
  [".buffalo.dev.yml", undefined, "Buffalo", "buffalo dev"],
];

export function watchingTool(directory: string, manifest: "Cargo.toml" | "go.mod"): Unclear | undefined {
  const known = manifest === "go.mod" ? ofGo : ofRust;
  const tool = known.find(([file, says]) =>
    says === undefined ? has(directory, file) : says.test(textOf(directory, file) ?? ""),
  );
  if (tool === undefined) return undefined;
  const [, , name, through] = tool;
  return {
    is: "unclear",
    through,
    message: `${manifest} is of a project for ${name}, which watches and reloads by itself`,
    hint: `${through}   runs it, without reload`,
  };
}
