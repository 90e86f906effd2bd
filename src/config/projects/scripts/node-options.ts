/** Options of Node itself: which of them take the next word, and which belong to its watcher. */
import type { OptionTable } from "./options.ts";

const withValue = [
  "-r",
  "--require",
  "--import",
  "--loader",
  "--experimental-loader",
  "-C",
  "--conditions",
  "--env-file",
  "--env-file-if-exists",
  "--inspect-port",
  "--input-type",
  "--title",
  "--icu-data-dir",
  "--openssl-config",
  "--redirect-warnings",
  "--diagnostic-dir",
  "--experimental-default-type",
  "--experimental-config-file",
  "--stack-trace-limit",
  "--disable-warning",
  "--localstorage-file",
];

/** Node's own. `--watch-path` takes a value, the other options of its watcher do not. */
export const nodeOptions: OptionTable = {
  values: [...withValue, "--watch-path", "--watch-kill-signal"],
  dropped: ["--watch", "--watch-path", "--watch-preserve-output", "--watch-kill-signal", "--experimental-watch-mode"],
};

/** tsx takes Node's and some of its own, on both sides of `watch`. */
export const tsxOptions: OptionTable = {
  values: [...withValue, "--tsconfig", "--include", "--exclude", "--ignore", "--watch-path", "--watch-kill-signal"],
  dropped: [
    "--watch",
    "--watch-path",
    "--watch-preserve-output",
    "--watch-kill-signal",
    "--tsconfig",
    "--no-cache",
    "--include",
    "--exclude",
    "--ignore",
    "--clear-screen",
    "--no-clear-screen",
  ],
};

/** For a program whose other options are Node's. */
export const nodeValues = withValue;
