/** What programs see of `reload-dev/config`. */

export type FileFormat = "json" | "yaml" | "toml" | "properties" | "env";

export interface FileLayer {
  /** Relative paths start at the working directory. */
  readonly path: string | URL;
  /** For a name that does not say it. */
  readonly format?: FileFormat;
  /** The file may be missing, and come and go. */
  readonly optional?: boolean;
}

/** A JSON Schema (draft-07, 2019-09, 2020-12), or the path of a file with one, which is watched too. */
export type JsonSchema = Readonly<Record<string, unknown>> | string | URL;

/** A validator of the Standard Schema kind (zod, valibot, arktype). */
export interface StandardSchema {
  readonly "~standard": {
    validate(value: unknown): StandardResult | Promise<StandardResult>;
  };
}

export interface StandardResult {
  readonly value?: unknown;
  readonly issues?: readonly { readonly message: string; readonly path?: readonly unknown[] }[] | undefined;
}

/** Throws for a configuration that is not usable. What it returns, if it returns an object, is taken in place of what it was given. */
export type SchemaFunction = (value: unknown) => unknown;

export interface LiveConfigOptions {
  /**
   * JSON (with comments), YAML, TOML, `.properties` or `.env`. Later files win over earlier ones, key by key; lists are taken as a
   * whole. With an environment, `config.yaml` is followed by `config.production.yaml`, and `.env` by `.env.production`, where they exist.
   */
  readonly files: string | URL | FileLayer | readonly (string | URL | FileLayer)[];
  /** The name that per-environment files have; `NODE_ENV` unless given; `false`: none. */
  readonly environment?: string | false;
  /** Variables with this prefix win over files: `APP_DB_URL` is `db.url`. They are read once. */
  readonly env?: string;
  /** These win over all else, also after a reload. Keys may be dotted: `{ "db.url": … }`. */
  readonly overrides?: Readonly<Record<string, unknown>>;
  readonly schema?: JsonSchema | StandardSchema | SchemaFunction;
}

/** One mistake: what, where, and what to do. */
export interface ConfigProblem {
  /** `schema/bad-document`, `schema/not-met`, `config/unreadable`, … */
  readonly code: string;
  /** `config.yaml:3:8: port must be an integer from 1 to 65535`; the value of a secret is never in it. */
  readonly message: string;
  /** As it was named, a variable's name, or `overrides`. */
  readonly origin: string;
  /** 1-based. */
  readonly line?: number;
  /** 1-based, in UTF-16 code units. */
  readonly column?: number;
  /** "did you mean port?" */
  readonly hint?: string;
}

/** What was thrown or refused; `code` is that of the first problem. */
export interface ConfigError extends Error {
  readonly code: string;
  readonly problems: readonly ConfigProblem[];
}

export interface ConfigVersion<T> {
  /** From 1. A number is never given twice. */
  readonly number: number;
  /** The version that was in force before. */
  readonly parent?: number;
  /** For a rollback: the version that it went back to. */
  readonly rollbackTo?: number;
  readonly at: Date;
  /** The dotted keys whose values differ from those of the parent; removed ones last. */
  readonly changed: readonly string[];
  /** Of the texts that it comes from. */
  readonly hash: string;
  readonly snapshot: T;
}

/** The type of the value at a dotted key. */
export type ValueAt<T, K extends string> = K extends keyof T
  ? T[K]
  : K extends `${infer First}.${infer Rest}`
    ? First extends keyof T
      ? ValueAt<NonNullable<T[First]>, Rest>
      : unknown
    : unknown;

export interface LiveConfig<T = Readonly<Record<string, unknown>>> extends AsyncDisposable {
  /** The value at a dotted key in the version that is in force; `undefined` where there is none. */
  get<K extends string>(key: K): ValueAt<T, K>;
  /** All of the version that is in force, frozen. The next version is another object. */
  readonly snapshot: T;
  /** The number of the version that is in force. */
  readonly version: number;
  /** Those that were in force, oldest first; the last 100 are kept. */
  readonly versions: readonly ConfigVersion<T>[];
  /** An edit that was refused, or a listener that threw. Without a listener it is a warning of the process. */
  on(event: "error", listener: (error: ConfigError) => unknown): () => void;
  /**
   * Once for each version in which the value at the key, or anything below it, differs; `"*"`: in which anything does. All listeners are
   * called after the whole version is in force, in the order in which they were added. Returns how to stop.
   */
  on<K extends string>(
    key: K,
    listener: (now: ValueAt<T, K>, before: ValueAt<T, K>, version: number) => unknown,
  ): () => void;
  /** Puts an earlier version in force, as a new version, until the files change again. Returns the number that it has now. */
  rollback(version: number): Promise<number>;
  /** Looks at the files now. Returns the number of the version that is in force then. */
  refresh(): Promise<number>;
  /** No file is watched and no listener called any more; what was in force can still be read. */
  close(): Promise<void>;
}

export type OpenLiveConfig = <T = Readonly<Record<string, unknown>>>(
  options: LiveConfigOptions,
) => Promise<LiveConfig<T>>;
