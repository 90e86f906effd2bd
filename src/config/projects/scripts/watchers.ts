/** Programs that watch and start another one again: each is taken away with its own flags, and what it starts stays. */
import { readNodemon } from "./nodemon.ts";
import { afterDashes, fromBundler, fromChokidar, fromSupervisor, fromTscWatch, fromWatchexec } from "./reruns.ts";
import { fromBun, fromDeno, fromFastify, fromNode, fromNodeDev, fromTsNodeDev, fromTsx, without } from "./runtimes.ts";
import type { Unwatch } from "./unwatched.ts";

export const watchers: Readonly<Record<string, Unwatch>> = {
  node: fromNode,
  nodejs: fromNode,
  tsx: fromTsx,
  esno: fromTsx,
  nodemon: (args, pkg) => ({ watcher: "nodemon", ...readNodemon(args, pkg) }),
  "ts-node-dev": fromTsNodeDev,
  tsnd: fromTsNodeDev,
  "node-dev": fromNodeDev,
  bun: fromBun,
  deno: fromDeno,
  "vite-node": without(
    "vite-node",
    "vite-node --watch",
    ["-w", "--watch"],
    ["--script", "-c", "--config", "-r", "--root", "-m", "--mode", "--options"],
  ),
  fastify: fromFastify,
  tsup: fromBundler("tsup"),
  tsdown: fromBundler("tsdown"),
  "tsc-watch": fromTscWatch,
  supervisor: fromSupervisor,
  "node-supervisor": fromSupervisor,
  onchange: afterDashes("onchange"),
  chokidar: fromChokidar,
  watchexec: fromWatchexec,
  "swc-node-dev": fromNodeDev,
};
