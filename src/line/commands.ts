/** Every command of `reload` itself, once: what is read, what help says, and what shells complete comes from this table. */

interface Row {
  readonly name: string;
  /** What may stand behind it, as help shows it; absent: nothing but options. */
  readonly words?: string;
  readonly help: string;
  /** Further options, by their long names. */
  readonly options?: readonly string[];
  /** Options that are switches here, and what they mean. */
  readonly switches?: Readonly<Record<string, string>>;
  /** What options mean here, where that is another thing than elsewhere. */
  readonly meanings?: Readonly<Record<string, string>>;
  readonly examples?: readonly (readonly [line: string, what: string])[];
  /** Its words are paths: shells complete them. */
  readonly takesPaths?: true;
  /** Its words are one of these. */
  readonly choices?: readonly string[];
  /** Known, so that it starts no program of that name, and not there yet. */
  readonly isLater?: true;
}

/** In the order of the help text. */
const rows = [
  {
    name: "init",
    help: "write a .reload.toml for the project found here",
    options: ["from", "force", "agents"],
    examples: [
      ["reload init", "what reload finds out by itself, to be edited"],
      ["reload init --from .air.toml", "the same configuration in our words"],
      ["reload init --from Procfile", "a service for each of its lines"],
    ],
  },
  {
    name: "config",
    help: "check the configuration, print every value and where it comes from",
    options: ["json", "quiet"],
    examples: [
      ["reload config -q", "says nothing when nothing is wrong: for a pre-commit hook"],
      ["reload config --profile ci", "with .reload.ci.toml over it"],
    ],
  },
  {
    name: "explain",
    words: "PATH...",
    help: "what a change of PATH would do, and which pattern decides",
    options: ["json"],
    takesPaths: true,
    examples: [
      ["reload explain main.go", "why does it restart?"],
      ["reload explain web/dist/app.js", "why does it not?"],
    ],
  },
  {
    name: "doctor",
    help: "limits, file systems, ports and tools, and what to do about each",
    options: ["json"],
    examples: [["reload doctor --json", "for a report: it has no values of variables"]],
  },
  {
    name: "status",
    words: "[NAME...]",
    help: "what runs here",
    options: ["json", "pid", "verbose"],
    switches: { verbose: "with the phases of the last 20 starts" },
    examples: [
      ["reload status", "states, addresses, the last change, the last error and where it is"],
      ["reload status --verbose", "and what builds, stops and starts took"],
    ],
  },
  {
    name: "start",
    words: "[NAME...]",
    help: "start a service that was stopped",
    options: ["json", "pid"],
  },
  {
    name: "restart",
    words: "[NAME...]",
    help: "start again now (built first, if that failed), and wait for it",
    options: ["json", "pid", "timeout"],
    examples: [["reload restart api", "this service alone; returns as reload wait does"]],
  },
  { name: "stop", words: "[NAME...]", help: "end a service, or all of it", options: ["json", "pid"] },
  {
    name: "wait",
    words: "[NAME...] [-- CMD]",
    help: "until everything on disk runs, or has failed",
    options: ["json", "pid", "timeout"],
    examples: [
      ["reload wait", "after an edit; 0: it runs, 1: it has failed, 3: not yet"],
      ["reload wait -- npm run e2e", "and then this, with RELOAD_URL set"],
    ],
  },
  { name: "url", words: "[NAME...]", help: "print the address to open", options: ["json", "pid"] },
  {
    name: "refresh",
    words: "[NAME...]",
    help: "reload the pages that are open",
    options: ["json", "pid"],
  },
  {
    name: "logs",
    words: "[NAME...]",
    help: "what runs and builds printed",
    options: ["json", "pid", "follow", "lines", "run", "build"],
    switches: { build: "what builds, rules and hooks printed" },
    examples: [
      ["reload logs -f", "the last 100 lines of the run that is there, and what comes"],
      ["reload logs --build", "the whole output of a failed build"],
    ],
  },
  {
    name: "pause",
    help: "collect changes without acting",
    options: ["json", "pid", "for"],
    meanings: { for: "at most so long (default 5m)" },
    examples: [["reload pause --for 10m", "before many edits; reload resume acts once on all of them"]],
  },
  { name: "resume", help: "act on what was collected", options: ["json", "pid"] },
  { name: "versions", help: "the versions of the configuration", options: ["json", "pid"] },
  {
    name: "rollback",
    words: "N",
    help: "put an earlier version in force",
    options: ["json", "pid"],
    examples: [["reload rollback 2", "until the file changes again; reload versions lists them"]],
  },
  {
    name: "mcp",
    help: "the same verbs for coding agents, on stdio",
    options: ["pid"],
    examples: [["npx reload-dev mcp", "the command to put into an agent's configuration of MCP servers"]],
  },
  {
    name: "completion",
    words: "bash|zsh|fish",
    help: "print the completion for a shell",
    choices: ["bash", "zsh", "fish"],
    examples: [
      ["source <(reload completion bash)", "for this shell; zsh alike"],
      ["reload completion fish > ~/.config/fish/completions/reload.fish", "for every one to come"],
    ],
  },
  { name: "help", words: "[COMMAND]", help: "print this help, or that of a command" },
  { name: "version", help: "print the version" },
] as const satisfies readonly Row[];

export type CommandName = (typeof rows)[number]["name"];
export type LaterCommand = Extract<(typeof rows)[number], { isLater: true }>["name"];
/** Those that are there. */
export type OwnCommand = Exclude<CommandName, LaterCommand>;

export interface CommandRow extends Row {
  readonly name: CommandName;
}

export const commandTable: readonly CommandRow[] = rows;

export const rowOf = (name: string | undefined): CommandRow | undefined =>
  commandTable.find((row) => row.name === name);

/** To one that runs, and changes nothing of what that was started with. */
export const talks = ({ options = [] }: CommandRow): boolean => options.includes("pid");

export const isLater = (name: CommandName): name is LaterCommand => rowOf(name)?.isLater === true;
