/** What a running process was started with, read from the kernel: its words, its directory, and what of its environment was set for it. */
import { readFileSync, readlinkSync } from "node:fs";
import { relative } from "node:path";

export interface Started {
  readonly words: readonly string[];
  /** Relative to the project. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Variables of package managers, shells and watchers, which no program of a user's asks for. */
const others =
  /^(?:npm_.*|PNPM_.*|MAKE\w+|MFLAGS|YARN_.*|INIT_CWD|NODE|PATH|PWD|OLDPWD|SHLVL|_|COLOR|EDITOR|WATCH_REPORT_DEPENDENCIES|TS_NODE_DEV|FORCE_COLOR|RELOAD_.*|CHOKIDAR_.*|NODE_DEV_.*|TSX_DISABLE_CACHE|ESBK_.*|CHANGE_EVENT|EVENT_PATH|file|changed|event|NODE_CHANNEL_.*|childEvent|LC_CTYPE|ONCHANGE_.*)$/;

/** @param seen the environment as the program sees it: Node reads env files of its own */
export function startedAs(
  pid: number,
  seen: Readonly<Record<string, string>>,
  project: string,
  base: NodeJS.ProcessEnv,
): Started {
  const cut = (name: string): string[] => readFileSync(`/proc/${pid}/${name}`, "utf8").split("\0").slice(0, -1);
  const env = Object.fromEntries(
    Object.entries(seen).filter(([name, value]) => !others.test(name) && base[name] !== value),
  );
  return {
    words: plainWords(cut("cmdline").map((word) => word.replace(`${project}/`, ""))),
    directory: relative(project, readlinkSync(`/proc/${pid}/cwd`)),
    env: Object.fromEntries(Object.entries(env).sort()),
  };
}

/**
 * Words of a process without what stands for its watcher or its loader: `node …/.bin/ts-node a.ts` is `ts-node a.ts`, and what tsx
 * loads into Node is `--import tsx`.
 */
export function plainWords(words: readonly string[]): string[] {
  const [program = "", ...args] = words;
  const out: string[] = [
    program.replace(/^.*\/(?:node_modules\/\.bin|bin)\//, "").replace(/^\.\/node_modules\/\.bin\//, ""),
  ];
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] ?? "";
    const next = args[at + 1] ?? "";
    if (/^--watch-preserve-output$|node-dev\/lib\/loaders/.test(word)) continue;
    const value =
      /^--(?:require|import)=(.*)$/.exec(word)?.[1] ?? (/^(?:-r|--require|--import)$/.test(word) ? next : undefined);
    const isPair = /^(?:-r|--require|--import)$/.test(word);
    if (value !== undefined && /\/tsx\/dist\/preflight|ts-node-dev-hook|node-dev\/lib|child-require/.test(value))
      at += isPair ? 1 : 0;
    else if (value !== undefined && /\.cache\/reload\/ts-node\/|^ts-node\/register/.test(value)) {
      out[0] = "ts-node";
      at += isPair ? 1 : 0;
    } else if (value !== undefined && /\/tsx\/dist\/loader/.test(value)) {
      out.push("--import", "tsx");
      at += isPair ? 1 : 0;
    } else if (/^--require=/.test(word)) out.push("-r", value ?? "");
    else out.push(word);
  }
  const babel = out.findIndex((word) => /@babel\/node\/lib\/_babel-node$/.test(word));
  if (babel > 0) return ["babel-node", ...out.slice(babel + 1).filter((word) => word !== "--")];
  // fastify-cli starts itself again, as a watched child.
  if (/fastify-cli\/lib\/watch\/fork\.js$/.test(out[1] ?? ""))
    return ["fastify", "start", ...out.slice(2).filter((word) => !/^-w$|^--ignore-watch=/.test(word))];
  // The file behind `start` alone.
  if (/fastify-cli\/start\.js$/.test(out[1] ?? "")) return ["fastify", "start", ...out.slice(2)];
  const script = out.findIndex(
    (word, at) =>
      at > 0 &&
      /node_modules\/(?:\.bin\/|ts-node-dev\/lib\/wrap|node-dev\/lib\/wrap|ts-node\/dist\/bin|fastify-cli\/cli)/.test(
        word,
      ),
  );
  if (out[0] === "node" && script > 0) {
    const name =
      /\/\.bin\/([\w-]+)$/.exec(out[script] ?? "")?.[1] ?? /node_modules\/([\w-]+)/.exec(out[script] ?? "")?.[1] ?? "";
    const options = out.slice(1, script);
    const program = name === "ts-node-dev" ? "ts-node" : name === "fastify-cli" ? "fastify" : name;
    if (name === "node-dev") return ["node", ...options, ...out.slice(script + 1)];
    const rest = out.slice(script + 1);
    return withoutChecks([
      program,
      ...options,
      ...(program === "vite-node" ? rest.filter((word) => word !== "--watch") : rest),
    ]);
  }
  return withoutChecks(out);
}

/** ts-node-dev compiles in a process of its own: whether it checks types cannot be seen in the program's words. */
const withoutChecks = (words: readonly string[]): string[] =>
  words.filter((word) => !(words[0] === "ts-node" && /^(?:-T|--transpile-only)$/.test(word)));
