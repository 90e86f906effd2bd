/** What zsh completes. */
import type { Option } from "../argv.ts";
import { colorModes, kindOf, listServices, offeredCommands, offeredOptions, optionsOfCommand } from "./offers.ts";

const quoted = (text: string): string => text.replaceAll("'", "'\\''");
/** In a specification of `_arguments` these have a meaning. */
const described = (text: string): string => quoted(text).replace(/[[\]:]/g, "\\$&");

function zshSpec(option: Option): string {
  const { long, short, value, optional, help, many } = option;
  const actions = {
    file: ":file:_files",
    directory: ":directory:_files -/",
    profile: ":profile:_reload_profiles",
    service: ":service:_reload_services",
    when: `:when:(${colorModes})`,
    any: `:${value}:`,
  };
  const action = value === undefined ? "" : `${optional === true ? ":" : ""}${actions[kindOf(option)]}`;
  const star = many === true ? "*" : "";
  const name = value === undefined ? `--${long}` : optional === true ? `--${long}=-` : `--${long}=`;
  const lines = [`'${star}${name}[${described(help)}]${action}'`];
  if (short !== undefined)
    lines.push(`'${star}-${short}${value === undefined ? "" : "+"}[${described(help)}]${action}'`);
  return lines.join(" ");
}

export function zshCompletion(): string {
  const specs = (all: readonly Option[]): string => all.map(zshSpec).join(" \\\n        ");
  const cases = offeredCommands().map((row) => {
    const words =
      row.choices !== undefined
        ? `'1:word:(${row.choices.join(" ")})'`
        : row.takesPaths === true
          ? "'*:path:_files'"
          : "";
    return `      ${row.name})
        _arguments -s ${words} \\
        ${specs(optionsOfCommand(row))} ;;`;
  });
  return `#compdef reload reload-dev
# zsh completion for reload: reload completion zsh > a directory of $fpath, as _reload
_reload_profiles() {
  local -a names
  names=(.reload.*.toml(N)); names=(\${\${names#.reload.}%.toml})
  compadd -- $names
}
_reload_services() {
  compadd -- \${(f)"$(${listServices})"}
}
_reload_first() {
  local -a commands
  commands=(
${offeredCommands()
  .map(({ name, help }) => `    '${name}:${quoted(help)}'`)
  .join("\n")}
  )
  _describe -t commands 'command of reload' commands
  _command_names -e
}
_reload() {
  local curcontext="$curcontext" state line
  typeset -A opt_args
  _arguments -C -s -S \\
        ${specs(offeredOptions())} \\
        '(-)1:command:_reload_first' '*::words:->words' && return
  [[ $state == words ]] || return
  case $words[1] in
${cases.join("\n")}
      *) _normal ;;
  esac
}
if [ "$funcstack[1]" = "_reload" ]; then _reload "$@"; else compdef _reload reload reload-dev; fi
`;
}
