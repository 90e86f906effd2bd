/**
 * The events of `--json`, one row each: `docs/events.md`, `events.schema.json` and the type of what is written are made of it.
 * A name or a field that was published keeps its meaning; more may be added.
 */

/** What a field holds. */
interface Field {
  readonly is: "string" | "integer" | "number" | "boolean" | "strings" | "processes";
  /** One of these. */
  readonly of?: readonly string[];
  readonly orNull?: true;
  /** Not in every event of its kind. */
  readonly isOptional?: true;
}

interface Row {
  /** When it is written. */
  readonly when: string;
  readonly fields: Readonly<Record<string, Field>>;
}

const string = { is: "string" } as const;
const integer = { is: "integer" } as const;
const number = { is: "number" } as const;
const boolean = { is: "boolean" } as const;
const strings = { is: "strings" } as const;
const processes = { is: "processes" } as const;
const maybe = <F extends Field>(field: F) => ({ ...field, isOptional: true }) as const;
const orNull = <F extends Field>(field: F) => ({ ...field, orNull: true }) as const;

/** What it is about: `build/2`, `run/3`; of a service that has a name, `api/run/3` and `api`. */
const ofJob = { job: string, service: maybe(string) };
/** How a process ended: one of the three. */
const exit = { code: maybe(integer), signal: maybe(string), error: maybe(string) };
/** Of a build: what it is for. Of a run: what changed since the one before. */
const paths = strings;

const table = {
  opened: {
    when: "`reload` has read its configuration and begins",
    fields: { version: string, root: string, config: orNull(string), remarks: strings },
  },
  watching: {
    when: "the first scan is complete",
    fields: { source: string, directories: integer, files: integer, ms: number },
  },
  changed: {
    when: "paths changed that ask for something",
    fields: {
      paths,
      verdict: { is: "string", of: ["refresh", "signal", "restart", "rebuild"] },
      services: maybe(strings),
    },
  },
  unchanged: { when: "files were written again with the same bytes", fields: { paths } },
  "build-started": { when: "a build begins; `paths`: what it is for", fields: { ...ofJob, build: integer, paths } },
  "build-cancelled": {
    when: "a build is given up for a newer change, or at the end",
    fields: { ...ofJob, build: integer, force: boolean },
  },
  "build-ended": {
    when: "a build has ended, with all that it started",
    fields: {
      ...ofJob,
      build: integer,
      result: { is: "string", of: ["ok", "failed", "timedOut", "cancelled"] },
      ms: number,
      ...exit,
    },
  },
  "job-started": {
    when: "a check, a rule or a hook begins; `kind` says which",
    fields: { ...ofJob, kind: string, paths },
  },
  "job-cancelled": {
    when: "a check, a rule or a hook is given up",
    fields: { ...ofJob, kind: string, force: boolean },
  },
  "job-ended": {
    when: "a check, a rule or a hook has ended, with all that it started; `held`: a check has found `paths` wrong, each told by a `problem` before",
    fields: {
      ...ofJob,
      kind: string,
      result: { is: "string", of: ["ok", "failed", "timedOut", "cancelled", "held"] },
      paths: maybe(paths),
      ms: number,
      ...exit,
    },
  },
  signalled: {
    when: "a rule has told the run to read again what it reads; `paths`: what changed",
    fields: { ...ofJob, signals: strings, paths },
  },
  refresh: { when: "pages are to load again, or to take over what changed", fields: { paths, service: maybe(string) } },
  loop: {
    when: "these change with every build, start or rule, as if it wrote them; `ignored`: they call for nothing any more; `circle`: by these, which start each other",
    fields: { paths, ignored: boolean, circle: maybe(strings), service: maybe(string) },
  },
  "service-waiting": {
    when: "a start waits for services that have failed; it comes when they work",
    fields: { service: string, after: strings },
  },
  "run-starting": {
    when: "a run is ordered; `paths`: what changed since the last one",
    fields: { ...ofJob, run: integer, paths },
  },
  "run-started": { when: "its process exists", fields: { ...ofJob, run: integer, pid: integer } },
  "run-warmth": {
    when: "with `[proc] warm`: whether a run had been started in advance, and what that saved, or why it had not",
    fields: { ...ofJob, run: integer, warm: boolean, savedMs: maybe(number), reason: maybe(string) },
  },
  "run-ready": {
    when: "it answers, or has stayed alive; `ms` since it was ordered",
    fields: { ...ofJob, run: integer, ms: number },
  },
  "run-late": {
    when: "it was not ready within `[ready] timeout`",
    fields: { ...ofJob, run: integer, ms: number, reason: maybe(string) },
  },
  "run-waiting": {
    when: "why it is not ready yet, where that is known",
    fields: { ...ofJob, run: integer, reason: string },
  },
  "run-exited": {
    when: "its process has ended",
    fields: { ...ofJob, run: integer, ms: number, ...exit, reason: maybe(string) },
  },
  "left-behind": { when: "what lives on of a run that ended by itself", fields: { ...ofJob, processes } },
  "run-stopping": { when: "it is asked to end; `force`: at once", fields: { ...ofJob, run: integer, force: boolean } },
  "stop-waiting": {
    when: "it has been waited for a second",
    fields: { ...ofJob, pid: integer, signal: string, leftMs: number },
  },
  "drain-waiting": {
    when: "requests that the run answers through the proxy have been waited for a second before it is asked to end; `oldest`: the one of them that came first",
    fields: { ...ofJob, run: integer, requests: integer, oldest: string, leftMs: number },
  },
  killed: { when: "it did not end in time", fields: { ...ofJob, pid: integer, signal: string, afterMs: number } },
  swept: {
    when: "what had left its group, or was left by a `reload` that was killed, was ended",
    fields: { job: maybe(string), service: maybe(string), processes },
  },
  "run-gone": { when: "nothing of it is left", fields: { ...ofJob, run: integer } },
  output: {
    when: "what a job printed; `text` may be part of a line",
    fields: {
      ...ofJob,
      from: { is: "string", of: ["check", "rule", "hook", "build", "run"] },
      number: integer,
      stream: { is: "string", of: ["stdout", "stderr"] },
      text: string,
    },
  },
  problem: {
    when: "a warning or an error, with its place where it has one; `code` says of what kind",
    fields: {
      code: string,
      severity: { is: "string", of: ["error", "warning"] },
      message: string,
      file: orNull(string),
      line: orNull(integer),
      column: orNull(integer),
      origin: orNull(string),
      hint: orNull(string),
    },
  },
  config: {
    when: "an edit of the configuration; `version` is the one in force",
    fields: {
      result: { is: "string", of: ["applied", "refused", "gone", "restored"] },
      version: integer,
      keys: strings,
      summary: string,
    },
  },
  message: { when: "something to know", fields: { text: string } },
  "quit-asked": { when: "somebody wants the end", fields: { code: integer } },
  exit: { when: "the last event: the exit code", fields: { code: integer } },
} as const satisfies Readonly<Record<string, Row>>;

export const events: Readonly<Record<string, Row>> = table;

interface Values {
  readonly string: string;
  readonly integer: number;
  readonly number: number;
  readonly boolean: boolean;
  readonly strings: readonly string[];
  readonly processes: readonly { readonly pid: number; readonly command: string }[];
}

type ValueOf<F extends Field> =
  | (F extends { readonly of: readonly (infer V)[] } ? V : Values[F["is"]])
  | (F extends { readonly orNull: true } ? null : never);

type FieldsOf<F extends Readonly<Record<string, Field>>> = {
  readonly [K in keyof F as F[K] extends { readonly isOptional: true } ? never : K]: ValueOf<F[K]>;
} & {
  readonly [K in keyof F as F[K] extends { readonly isOptional: true } ? K : never]?: ValueOf<F[K]>;
};

/** An event without its time. */
export type JsonEvent = {
  [Name in keyof typeof table]: { readonly event: Name } & FieldsOf<(typeof table)[Name]["fields"]>;
}[keyof typeof table];
