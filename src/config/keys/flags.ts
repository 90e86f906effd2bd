/** The keys of the configuration, as the command line sees them. */
import type { Keys } from "../../line/options.ts";
import { nearest } from "../check/suggest.ts";
import { allKeys } from "./keys.ts";

export const keys: Keys = {
  has: (name) => allKeys().has(name),
  isSwitch: (name) => allKeys().get(name)?.kind.name === "boolean",
  nearest: (name) => nearest(name, allKeys().keys()),
  takesNext: (name, next) => keys.has(name) && (!keys.isSwitch(name) || next === "true" || next === "false"),
};
