/** Help, from the tables of commands and options: examples first. */
import { type Option, options } from "./argv.ts";
import { type CommandRow, commandTable } from "./commands.ts";

const column = 30;

function optionRow({ long, short, value, optional, help: text }: Option): string {
  const name = `${short === undefined ? "    " : `-${short}, `}--${long}`;
  const spelled = value === undefined ? name : optional === true ? `${name}[=${value}]` : `${name} ${value}`;
  return `  ${spelled.padEnd(column)}${text}`;
}

const usageOf = ({ name, words }: CommandRow): string => (words === undefined ? name : `${name} ${words}`);

/** What belongs together; a test holds that each is in one of them. */
export const groupsOfCommands: readonly (readonly [title: string, names: readonly string[]])[] = [
  ["Begin, and ask why:", ["init", "config", "explain", "doctor"]],
  [
    "Talk to the reload that runs here or above, from any shell:",
    "status wait restart start stop pause resume logs url refresh versions rollback".split(" "),
  ],
  ["For tools, and about reload:", ["mcp", "completion", "help", "version"]],
];

export const groupsOfOptions: readonly (readonly [title: string, names: readonly string[]])[] = [
  ["What runs:", "build env env-file once for postpone only background warm".split(" ")],
  ["What is watched:", "watch ext ignore debounce poll".split(" ")],
  ["Where:", "config cwd profile".split(" ")],
  ["What is printed:", "clear quiet verbose json trace color no-color".split(" ")],
  ["And:", ["version", "help"]],
];

function grouped<T>(
  groups: typeof groupsOfOptions,
  all: readonly T[],
  nameOf: (one: T) => string,
  row: (one: T) => string,
): string {
  const blocks = groups.map(([title, names]) => {
    const lines = names.flatMap((name) => all.filter((one) => nameOf(one) === name).map(row));
    return [title, ...lines].join("\n");
  });
  return blocks.join("\n\n");
}

export function help(): string {
  const commands = grouped(
    groupsOfCommands,
    commandTable.filter(({ isLater }) => isLater !== true),
    ({ name }) => name,
    (row) => `  reload ${usageOf(row).padEnd(column)}${row.help}`,
  );
  const shown = options.filter(({ isOfCommands, isHidden }) => isOfCommands !== true && isHidden !== true);
  const rows = grouped(groupsOfOptions, shown, ({ long }) => long, optionRow);
  return `reload: save, and it runs

  reload                         watch, build and run what .reload.toml says
  reload npm run dev             run this command again after each change, no file needed
  reload -w src -e go,html -b 'go build -o tmp/app .' -- ./tmp/app --port 8080
  reload --once                  build, start, wait until ready, stop; the exit code tells

Commands (reload help COMMAND says more).
${commands}

Options come before COMMAND; all after it, or after --, is COMMAND's.
${rows}
      --<key> VALUE             any key of the configuration: --proc.stop_timeout 2s

Exit codes: 0 fine, 1 a build or check failed (--once, wait, restart, --background), 2 usage or configuration,
3 not ready (the same), 126/127 a command that cannot be run or does not exist, 130/143/129 ended by Ctrl-C,
SIGTERM, SIGHUP; else the process's own.
`;
}

export function helpOf(row: CommandRow): string {
  const { help: text, examples = [] } = row;
  const wide = Math.max(0, ...examples.map(([line]) => line.length));
  const shown = examples.map(([line, what]) => `  ${line.padEnd(wide + 2)}${what}`);
  const own = options
    .filter(({ long }) => row.options?.includes(long) === true)
    .map((option) => {
      const meaning = row.switches?.[option.long];
      if (meaning !== undefined) return { long: option.long, help: meaning };
      if (option.long === "json") return { long: "json", help: "the answer as JSON" };
      return { ...option, help: row.meanings?.[option.long] ?? option.help };
    });
  // What answers by itself reads nothing.
  const always = isAboutReload(row) ? [] : options.filter(({ long }) => ["config", "cwd", "profile"].includes(long));
  const blocks = [
    `reload ${usageOf(row)}: ${text}`,
    ...(shown.length === 0 ? [] : [shown.join("\n")]),
    ...(own.length + always.length === 0 ? [] : [[...own, ...always].map(optionRow).join("\n")]),
  ];
  return `${blocks.join("\n\n")}\n`;
}

const isAboutReload = ({ name }: CommandRow): boolean => ["completion", "help", "version"].includes(name);
