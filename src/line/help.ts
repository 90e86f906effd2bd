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

export function help(): string {
  const commands = commandTable
    .filter(({ isLater }) => isLater !== true)
    .map((row) => `  reload ${usageOf(row).padEnd(column)}${row.help}`);
  const rows = options
    .filter(({ isOfCommands, isHidden }) => isOfCommands !== true && isHidden !== true)
    .map(optionRow);
  return `reload: save, and it runs

  reload                         watch, build and run what .reload.toml says
  reload npm run dev             run this command again after each change, no file needed
  reload -w src -e go,html -b 'go build -o tmp/app .' -- ./tmp/app --port 8080
  reload --once                  build, start, wait until ready, stop; the exit code tells

Commands (reload help COMMAND says more):

${commands.join("\n")}

Options come before COMMAND; all after it, or after --, is COMMAND's.

${rows.join("\n")}
      --<key> VALUE             any key of the configuration: --proc.stop_timeout 2s

Exit codes: 0 fine, 1 a build or check failed (--once), 2 usage or configuration, 3 never ready (--once),
127 no such command, 130/143/129 ended by Ctrl-C, SIGTERM, SIGHUP; else the process's own.
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
      return meaning === undefined ? option : { long: option.long, help: meaning };
    });
  const always = options.filter(({ long }) => ["config", "cwd", "profile"].includes(long));
  const blocks = [
    `reload ${usageOf(row)}: ${text}`,
    ...(shown.length === 0 ? [] : [shown.join("\n")]),
    [...own, ...always].map(optionRow).join("\n"),
  ];
  return `${blocks.join("\n\n")}\n`;
}
