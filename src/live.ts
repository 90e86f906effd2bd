/**
 * `reload-dev/config`: a program's own configuration, read from files in layers and kept up to date while the program runs. An edit is
 * taken as one version or not at all; the last valid version is always in force.
 */
import { openLive } from "./live/open.ts";
import type { OpenLiveConfig } from "./live/types.ts";

export type * from "./live/types.ts";

/** Rejects with a `ConfigError` if the first version cannot be had: with every mistake, each with its file, line and column. */
export const liveConfig: OpenLiveConfig = (options) =>
  openLive(options, {
    env: process.env,
    cwd: process.cwd(),
    warn: ({ message, code }) => process.emitWarning(message, { type: "LiveConfigWarning", code }),
  });
