/** What is offered to complete, whatever the shell: from the tables of commands and options. */
import { type Option, options } from "../argv.ts";
import { type CommandRow, commandTable } from "../commands.ts";

export const offeredCommands = (): readonly CommandRow[] => commandTable.filter(({ isLater }) => isLater !== true);
export const offeredOptions = (): readonly Option[] =>
  options.filter(({ isOfCommands, isHidden }) => isOfCommands !== true && isHidden !== true);
export const optionsOfCommand = ({ options: names = [] }: CommandRow): readonly Option[] =>
  options.filter(({ long }) => names.includes(long) || ["config", "cwd", "profile", "help"].includes(long));

/** What the value of an option is made of. */
export function kindOf({ long }: Option): "file" | "directory" | "profile" | "service" | "when" | "any" {
  if (["config", "env-file", "from", "trace", "json"].includes(long)) return "file";
  if (long === "watch" || long === "ignore") return "file";
  if (long === "cwd") return "directory";
  if (long === "profile") return "profile";
  if (long === "only") return "service";
  return long === "color" ? "when" : "any";
}

export const colorModes = "auto always never";

/** The names of services, where a configuration of this directory declares them. */
export const listServices =
  "sed -n 's/^[[:space:]]*\\[service\\.\\([a-z][a-z0-9-]*\\).*/\\1/p' .reload.toml reload.toml .config/reload.toml 2>/dev/null | sort -u";

export const takers = (all: readonly Option[], kind?: string): string =>
  all
    .filter((option) => option.value !== undefined && option.optional !== true)
    .filter((option) => kind === undefined || kindOf(option) === kind)
    .flatMap(({ long, short }) => [`--${long}`, ...(short === undefined ? [] : [`-${short}`])])
    .join("|");
