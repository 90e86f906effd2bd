/** What a look at a directory can come to. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** A program that can be run as it lies there. */
export interface Project {
  readonly is: "project";
  /** `a Go project` */
  readonly what: string;
  /** `script dev, without tsx watch` */
  readonly how?: string;
  /** Keys of the configuration, as they would be written. */
  readonly settings: readonly { readonly name: string; readonly raw: unknown }[];
  /** By key: why it is set so. */
  readonly reasons?: Readonly<Record<string, string>>;
  /** Said where the program ends by itself with 0 as soon as it is started. */
  readonly endsAtOnce?: string;
  /** It has a directory of its own below this one, and others may lie beside it. */
  readonly liesBelow?: true;
  /** What was chosen among what, and what was passed over and why. */
  readonly remarks: readonly string[];
}

/** It is a project of this kind, but what to run is not clear. */
export interface Unclear {
  readonly is: "unclear";
  /** How people run it, where it watches by itself: `npm run dev`. */
  readonly through?: string;
  /** All of them, where several were found. */
  readonly services?: Services;
  readonly message: string;
  readonly hint: string;
}

/** Several programs as services of one configuration. */
export interface Services {
  readonly names: readonly string[];
  /** `service.NAME.KEY`, and keys of the top. */
  readonly settings: readonly { readonly name: string; readonly raw: unknown }[];
  readonly remarks: readonly string[];
}

/** The last line where several programs are listed. */
export const allOfThem = "all of them in one reload: reload init writes a [service.NAME] for each into .reload.toml";

/** It looked like one, but there is nothing in it that `reload` could run. */
export interface PassedOver {
  readonly is: "passed over";
  readonly remarks: readonly string[];
}

export type ProjectFinding = Project | Unclear | PassedOver;

/**
 * Looks at one directory for one kind of project; `undefined`: it is none. `keepsSocket`: whether the port of a server
 * that can be handed one may be kept open by `reload`.
 */
export type LookForProject = (
  directory: string,
  env: NodeJS.ProcessEnv,
  keepsSocket: boolean,
) => ProjectFinding | undefined;

/** The text of a file that may not be there. */
export function textOf(directory: string, name: string): string | undefined {
  try {
    const path = join(directory, name);
    // What is none (a fifo) would be waited for without end.
    return statSync(path).isFile() ? readFileSync(path, "utf8") : undefined;
  } catch {
    return undefined;
  }
}

export const has = (directory: string, name: string): boolean => existsSync(join(directory, name));

/** A name that is safe in a path and in a shell. */
export const fileName = (name: string): string => name.replaceAll(/[^\w.-]+/g, "-").replace(/^[-.]+/, "") || "main";

/** A program with several commands shows how it is used. */
export const endedAtOnce = (name: string): string =>
  `${name} ended at once: a server would go on. If it wants a command, give it one: reload --proc.args serve`;

/** What a program is called on this system. */
export const executable = (path: string): string => (process.platform === "win32" ? `${path}.exe` : path);

/** A command for a message: programs of a project, and ours, by their names alone. */
export const commandText = (raw: unknown): string =>
  (Array.isArray(raw) ? raw.join(" ") : String(raw))
    .replace(/^\S*\/(?:\.bin|bin|Scripts)\/(?=\S)/, "")
    .replaceAll(
      /\bnode \S*\/transpile\.js (?:--ts-node \S+ )?-p (\S+)(?: --nest(?: [^\s-]\S*)?)?(?: --place \S+)?(?: --else [^&]*?)?(?=\s*(?:&&|\)|$))/g,
      "transpile $1",
    )
    .replaceAll(/\bnode \S*\/transpile\.js (?=tsup\b|nest\b)/g, "")
    .replace("node node_modules/fastify-cli/start.js", "fastify start")
    .replaceAll(/ -r \S*\/\.cache\/reload\/(?:\w+\/)?ts-node\/\S+/g, "")
    .replace(/^\{ \[ "\$\(cat [^|]*\|\| \{ (.*?) && mkdir -p .*?\}; \}(?: && )?/, "")
    .trim();
