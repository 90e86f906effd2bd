/** The shape of a command where it is to run: its program and its scripts are looked for. */
import { existsSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import { aboveOf } from "../../adapters/warm/stamps.ts";
import type { Command } from "../../core/command.ts";
import { packageOf } from "../../gate/packages.ts";
import { textOfFile } from "../../matchers/texts.ts";
import type { RunOrder } from "../run.ts";
import { type Shape, type ShapePlace, shapeOf } from "./shape.ts";

export function shapeHere(cold: RunOrder, command: Command, swap: string): Shape {
  if (swap === "start-first") return { is: "cold", why: 'with swap = "start-first" runs start cold' };
  if (cold.stdin === "terminal") return { is: "cold", why: "with stdin = true on a terminal runs start cold" };
  const shape = shapeOf(command, cold.args, placeOf(cold.cwd, cold.env));
  if (shape.is === "cold") return shape;
  try {
    const main = realOf(shape.main);
    return main === undefined || packageOf(main) === undefined
      ? shape
      : { is: "cold", why: `${shape.main} is a program of a package` };
  } catch {
    return { is: "cold", why: `${shape.main} does not exist` };
  }
}

/** Whether `warm = true` would do anything for this command. */
export const couldBeWarm = (
  command: Command,
  args: readonly string[],
  place: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): boolean => shapeOf(command, args, placeOf(place.cwd, place.env)).is !== "cold";

const placeOf = (cwd: string, env: NodeJS.ProcessEnv): ShapePlace => ({
  cwd,
  env,
  platform: process.platform,
  script: (name) => scriptIn(cwd, name),
  text: (file) => textOf(resolve(cwd, file)),
  bin: (name) => aboveOf(cwd).some((above) => existsSync(join(above, "node_modules/.bin", name))),
});

function textOf(file: string): string | undefined {
  try {
    return textOfFile(file);
  } catch {
    return undefined;
  }
}

export const realOf = (file: string | undefined): string | undefined =>
  file === undefined ? undefined : realpathSync(file);

function scriptIn(directory: string, name: string): string | undefined {
  try {
    const text: unknown = JSON.parse(textOfFile(join(directory, "package.json")));
    const scripts: unknown = typeof text === "object" && text !== null ? Reflect.get(text, "scripts") : undefined;
    const line: unknown = typeof scripts === "object" && scripts !== null ? Reflect.get(scripts, name) : undefined;
    return typeof line === "string" ? line : undefined;
  } catch {
    return undefined;
  }
}
