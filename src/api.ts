/** `reload-dev`: the same engine as the command line's, in the process of the program that imports it. */
import { openApp } from "./api/open.ts";
import type { Start } from "./api/types.ts";
import { version } from "./version.ts";

export type * from "./api/generated.ts";
export type * from "./api/types.ts";

export const start: Start = (config, options = {}) =>
  openApp(config, options, { env: process.env, cwd: () => process.cwd(), version });
