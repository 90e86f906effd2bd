/** What fish completes. */
import { type Option, options } from "../argv.ts";
import {
  colorModes,
  kindOf,
  listServices,
  offeredCommands,
  offeredOptions,
  optionsOfCommand,
  takers,
} from "./offers.ts";

const fishQuoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

function fishOption(option: Option, condition: string): string {
  const { long, short, value, optional, help } = option;
  const values = {
    file: " -r -F",
    directory: " -x -a '(__fish_complete_directories)'",
    profile: " -x -a '(__reload_profiles)'",
    service: " -x -a '(__reload_services)'",
    when: ` -f -a '${colorModes}'`,
    any: " -x",
  };
  const kind = kindOf(option);
  const argument = value === undefined || (optional === true && kind === "file") ? "" : values[kind];
  return `complete -c reload -n ${fishQuoted(condition)} -l ${long}${short === undefined ? "" : ` -s ${short}`}${argument} -d ${fishQuoted(help)}`;
}

export function fishCompletion(): string {
  const first = "__reload_is_first";
  const rows = offeredCommands().flatMap((row) => {
    const inside = `__reload_is ${row.name}`;
    return [
      `complete -c reload -n ${fishQuoted(first)} -f -a ${row.name} -d ${fishQuoted(row.help)}`,
      ...optionsOfCommand(row).map((option) => fishOption(option, inside)),
      ...(row.choices === undefined
        ? []
        : [`complete -c reload -n ${fishQuoted(inside)} -f -a '${row.choices.join(" ")}'`]),
      ...(row.takesPaths === true ? [`complete -c reload -n ${fishQuoted(inside)} -F`] : []),
    ];
  });
  const taking = takers(options).replaceAll("|", " ");
  return `# fish completion for reload: reload completion fish > ~/.config/fish/completions/reload.fish
function __reload_words
  set -l skip 0
  for word in (commandline -opc)[2..]
    if test $skip = 1; set skip 0; continue; end
    if test "$word" = --; echo --; continue; end
    if contains -- "$word" ${taking}; set skip 1; continue; end
    string match -q -- '-*' "$word"; or echo -- $word
  end
end
function __reload_is_first
  test (count (__reload_words)) -eq 0
end
function __reload_is
  set -l words (__reload_words)
  test (count $words) -gt 0; and test "$words[1]" = "$argv[1]"
end
function __reload_is_command
  set -l words (__reload_words)
  test (count $words) -gt 0; and not contains -- "$words[1]" ${offeredCommands()
    .map(({ name }) => name)
    .join(" ")}
end
function __reload_profiles
  for name in .reload.*.toml
    string replace -r '^\\.reload\\.(.*)\\.toml$' '$1' -- $name
  end
end
function __reload_services
  ${listServices}
end
complete -c reload -f
complete -c reload -n '__reload_is_first' -a '(__fish_complete_command)'
complete -c reload -n '__reload_is_command' -a '(__fish_complete_subcommand --fcs-skip=1)'
${offeredOptions()
  .map((option) => fishOption(option, first))
  .join("\n")}
${rows.join("\n")}
complete -c reload-dev -w reload
`;
}
