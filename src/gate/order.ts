/** What `reload` and the gate in a program's process tell each other, by files of a private directory. */

/** The variable that names the file of the order. It is gone before anything else of the process runs. */
export const orderVariable = "RELOAD_GATE";

/** By it the gate that is imported finds the one that was required: it is gone before anything else runs. */
export const importKey = Symbol.for("reload.gate");

/**
 * To look at one of them, even for what it is, has Node load its `fetch` (from version 22 on): that takes longer than all else, and
 * a package of undici that finds it there is content with that.
 */
export const globalsOfFetch: readonly string[] = [
  "FormData",
  "Headers",
  "Request",
  "Response",
  "MessageEvent",
  "CloseEvent",
  "ErrorEvent",
  "WebSocket",
  "EventSource",
];

/**
 * A file of a package. `imported`: a CommonJS file that an ES module of the user's own imports. `python`: a module of Python
 * with the name by which it is imported, from a package or from Python's own library.
 */
export type PackageFile =
  | { readonly file: string; readonly is: "commonjs" | "module" | "imported" }
  | { readonly file: string; readonly is: "python"; readonly name: string };

/** Asked for when the run is ready: what it loaded, and what its own code did to it. */
export interface Recording {
  /** Written by `reload`: the question. */
  readonly ask: string;
  /** Written by the gate: a `RunRecord`. */
  readonly answer: string;
}

export interface GateOrder {
  /** `record`: a cold run. `try`: packages are loaded under observation, by a process that ends then. `hold`: a standby. */
  readonly mode: "record" | "try" | "hold";
  /** The real path of the program: wrappers in front of it, and what it starts, pass. */
  readonly main: string;
  /** `NODE_OPTIONS` as the program is to see it. */
  readonly nodeOptions: string | undefined;
  /** What was added to it for the gate. */
  readonly ofGate: string;
  readonly entries: readonly PackageFile[];
  /** Node: what the command requires in front of the program, as it names it: loaded before all entries. */
  readonly loaders?: readonly string[];
  /** Node: how they are loaded, and what is loaded after them. */
  readonly loadedBy?: "require" | "import";
  /** What is left to the run itself. */
  readonly left: readonly string[];
  /** See `PythonRecord`. */
  readonly place?: string | null;
  readonly failed?: readonly string[];
  readonly configured?: readonly string[];
  /** What was set of each logger at the last moment that was compared. */
  readonly logged?: SetInProcess;
  readonly path?: readonly string[];
  readonly told?: readonly string[];
  /** Variables that own code has set or removed, or that differ from run to run. */
  readonly variables: readonly string[];
  /** Node: see `RunRecord`. */
  readonly settings?: readonly string[];
  /** Node: see `RunRecord.added`. */
  readonly added?: readonly string[];
  /** `try`, `hold`: what came of it. */
  readonly answer: string;
  /** `hold`: a FIFO; whoever writes to it opens. */
  readonly door: string;
  /** `hold`: the opened door, a `LetIn`: looked for between two packages. */
  readonly letIn: string;
  readonly recording: Recording;
  /** Node: where compiled code is kept between runs. */
  readonly compiled: string;
}

/** Without what is known once the environment of a process is made. */
export type OrderOfGate = Omit<GateOrder, "nodeOptions" | "ofGate">;

/** What comes through the door. */
export interface LetIn {
  readonly set: Readonly<Record<string, string>>;
  readonly unset: readonly string[];
}

export interface RunRecord {
  /** In the order in which they were compiled. */
  readonly entries: readonly PackageFile[];
  /** Files of the user's own. */
  readonly own: readonly string[];
  /** Variables that were set, removed or given another value since the start. */
  readonly variables: readonly string[];
  /** Globals that were added. */
  readonly added: readonly string[];
  /** What was there before, and is another thing now: `Module._load`, `Array.prototype.at`. */
  readonly replaced: readonly string[];
  /**
   * Node: plain values of what is built in that are other ones now: `process.title`, `http.globalAgent.maxSockets`.
   * Python: parts of the library that own code gives another value (`copy` of `copy.copy = …`).
   */
  readonly settings?: readonly string[];
  /** Python: modules of the library in whose tables own code enters something (`mimetypes` of `mimetypes.add_type(…)`). */
  readonly told?: readonly string[];
  readonly hasMoved: boolean;
  /** Processes of Node's cluster were started. */
  readonly hasWorkers: boolean;
  /** Of Python alone. */
  readonly python?: PythonRecord;
}

/** What it is → how it is, as text. */
export type SetInProcess = Readonly<Record<string, string>>;

export interface PythonRecord {
  /** What Python itself put in front of its path for this program; `null`: nothing. */
  readonly place: string | null;
  /** Where modules were looked for at any time. */
  readonly path: readonly string[];
  /** Top-level names that were asked for, found or not. */
  readonly names: readonly string[];
  /** Modules that did not load: somebody does without them. */
  readonly failed: readonly string[];
  /** What of the program or of a package stands in front of the import system. */
  readonly hook: string | undefined;
  /** What is not as Python has it while modules are loaded: `logging`, `warnings`. */
  readonly configured: readonly string[];
  /** Loggers that a configuration has disabled, because they were there. */
  readonly disabled: readonly string[];
  /** When a module of the user's own began, or a port was opened → what was set in the process as a whole by then. */
  readonly moments: Readonly<Record<string, SetInProcess>>;
}

export interface Trial {
  /** Everything that was loaded, and everything in packages that was read. */
  readonly files: readonly string[];
  /** Node: files of the user's own that were loaded, by an `import` of a package. */
  readonly own?: readonly string[];
  /** Real paths of packages (Python: names of modules) → why each is left to the run itself. */
  readonly left: Readonly<Record<string, string>>;
  readonly added: readonly string[];
  readonly replaced: readonly string[];
  /** Node: globals that runs add, and no package by being loaded → real paths of packages that asked for them while they were loaded. */
  readonly readers?: Readonly<Record<string, readonly string[]>>;
  /** Python: top-level names that were asked for, found or not. */
  readonly names?: readonly string[];
}

/** A standby that has loaded everything says so. */
export interface StandbyReady {
  readonly files: readonly string[];
  /** From the start of the process until it waited, in milliseconds. */
  readonly tookMs: number;
}
