/** What shells complete, from the tables of commands and options: static, so that a Tab starts nothing of ours. */
import { type Option, options } from "./argv.ts";
import { type CommandRow, commandTable } from "./commands.ts";

const there = (): readonly CommandRow[] => commandTable.filter(({ isLater }) => isLater !== true);
const ofAll = (): readonly Option[] =>
  options.filter(({ isOfCommands, isHidden }) => isOfCommands !== true && isHidden !== true);
const of = ({ options: names = [] }: CommandRow): readonly Option[] =>
  options.filter(({ long }) => names.includes(long) || ["config", "cwd", "profile", "help"].includes(long));

/** What the value of an option is made of. */
function kindOf({ long }: Option): "file" | "directory" | "profile" | "service" | "when" | "any" {
  if (["config", "env-file", "from", "trace", "json"].includes(long)) return "file";
  if (long === "watch" || long === "ignore") return "file";
  if (long === "cwd") return "directory";
  if (long === "profile") return "profile";
  if (long === "only") return "service";
  return long === "color" ? "when" : "any";
}

const when = "auto always never";

/** The names of services, where a configuration of this directory declares them. */
const services =
  "sed -n 's/^[[:space:]]*\\[service\\.\\([a-z][a-z0-9-]*\\).*/\\1/p' .reload.toml reload.toml .config/reload.toml 2>/dev/null | sort -u";

/** @param shell one of those that the table of commands names */
export function completion(shell: string): string {
  if (shell === "zsh") return zsh();
  return shell === "fish" ? fish() : bash();
}

// ── bash ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const spelled = (all: readonly Option[]): string[] =>
  all.flatMap(({ long, short }) => [`--${long}`, ...(short === undefined ? [] : [`-${short}`])]);

const takers = (all: readonly Option[], kind?: string): string =>
  all
    .filter((option) => option.value !== undefined && option.optional !== true)
    .filter((option) => kind === undefined || kindOf(option) === kind)
    .flatMap(({ long, short }) => [`--${long}`, ...(short === undefined ? [] : [`-${short}`])])
    .join("|");

function bash(): string {
  const cases = there().map(
    (row) =>
      `    ${row.name}) words="${[...spelled(of(row)), ...(row.choices ?? [])].join(" ")}"; paths=${row.takesPaths === true ? 1 : 0} ;;`,
  );
  return `# bash completion for reload: source <(reload completion bash)
_reload() {
  local cur prev words= paths=0 at=1 command= value=
  COMPREPLY=()
  # Bash cuts words at = and :, which are parts of ours.
  if declare -F _get_comp_words_by_ref >/dev/null; then
    local -a all; local index
    _get_comp_words_by_ref -n =: -w all -i index -c cur -p prev
  else
    local -a all=("\${COMP_WORDS[@]}"); local index=$COMP_CWORD
    cur=\${COMP_WORDS[COMP_CWORD]}; prev=\${COMP_WORDS[COMP_CWORD-1]}
    if [ "$cur" = = ]; then cur=; value="$prev="
    elif [ "$prev" = = ]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; value="$prev="; fi
  fi
  # The first word that is not an option, and no value of one, is a command: ours, or the one that is to be run.
  while [ $at -lt $index ]; do
    case "\${all[$at]}" in
      --) at=$((at + 1)); command=-; break ;;
      ${takers(options)}) at=$((at + 1)) ;;
      -*) ;;
      *) command=\${all[$at]}; break ;;
    esac
    at=$((at + 1))
  done
  case "$cur" in --*=*) prev=\${cur%%=*}; value="$prev="; cur=\${cur#*=} ;; esac
  case "$prev" in
    --color) [ -n "$value" ] && { _reload_words "${when}"; return; } ;;
    ${takers(options, "profile")}) _reload_profiles; return ;;
    ${takers(options, "service")}) _reload_words "$(${services})"; return ;;
    ${takers(options, "directory")}) _reload_files -d; return ;;
    ${[takers(options, "file"), "--json"].join("|")}) { [ "$prev" != --json ] || [ -n "$value" ]; } && { _reload_files -f; return; } ;;
    ${takers(options, "any")}) return ;;
  esac
  case "$command" in
    "") words="${[...there().map(({ name }) => name), ...spelled(ofAll())].join(" ")}" ;;
${cases.join("\n")}
    *)
      if declare -F _command_offset >/dev/null; then _command_offset $at; else _reload_files -f; fi
      return ;;
  esac
  if [ -z "$command" ] && [ "\${cur#-}" = "$cur" ]; then
    _reload_words "$words"
    while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen -c -- "$cur")
    return
  fi
  _reload_words "$words"
  [ $paths = 1 ] && [ "\${cur#-}" = "$cur" ] && _reload_files -f
}
_reload_words() {
  local word
  for word in $1; do case "$word" in "$cur"*) COMPREPLY+=("$word") ;; esac; done
}
_reload_files() {
  local name
  compopt -o filenames 2>/dev/null
  while IFS= read -r name; do COMPREPLY+=("$name"); done < <(compgen "$1" -- "$cur")
}
_reload_profiles() {
  local name
  for name in .reload.*.toml; do
    [ -e "$name" ] || continue
    name=\${name#.reload.}; name=\${name%.toml}
    case "$name" in "$cur"*) COMPREPLY+=("$(printf %q "$name")") ;; esac
  done
  # What is before the last colon stands on the line already.
  declare -F __ltrim_colon_completions >/dev/null && __ltrim_colon_completions "$cur"
}
complete -F _reload reload reload-dev
`;
}

// ── zsh ────────────────────────────────────────────────────────────────────────────────────────────────────────────

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
    when: `:when:(${when})`,
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

function zsh(): string {
  const specs = (all: readonly Option[]): string => all.map(zshSpec).join(" \\\n        ");
  const cases = there().map((row) => {
    const words =
      row.choices !== undefined
        ? `'1:word:(${row.choices.join(" ")})'`
        : row.takesPaths === true
          ? "'*:path:_files'"
          : "";
    return `      ${row.name})
        _arguments -s ${words} \\
        ${specs(of(row))} ;;`;
  });
  return `#compdef reload reload-dev
# zsh completion for reload: reload completion zsh > a directory of $fpath, as _reload
_reload_profiles() {
  local -a names
  names=(.reload.*.toml(N)); names=(\${\${names#.reload.}%.toml})
  compadd -- $names
}
_reload_services() {
  compadd -- \${(f)"$(${services})"}
}
_reload_first() {
  local -a commands
  commands=(
${there()
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
        ${specs(ofAll())} \\
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

// ── fish ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const fishQuoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

function fishOption(option: Option, condition: string): string {
  const { long, short, value, optional, help } = option;
  const values = {
    file: " -r -F",
    directory: " -x -a '(__fish_complete_directories)'",
    profile: " -x -a '(__reload_profiles)'",
    service: " -x -a '(__reload_services)'",
    when: ` -f -a '${when}'`,
    any: " -x",
  };
  const kind = kindOf(option);
  const argument = value === undefined || (optional === true && kind === "file") ? "" : values[kind];
  return `complete -c reload -n ${fishQuoted(condition)} -l ${long}${short === undefined ? "" : ` -s ${short}`}${argument} -d ${fishQuoted(help)}`;
}

function fish(): string {
  const first = "__reload_is_first";
  const rows = there().flatMap((row) => {
    const inside = `__reload_is ${row.name}`;
    return [
      `complete -c reload -n ${fishQuoted(first)} -f -a ${row.name} -d ${fishQuoted(row.help)}`,
      ...of(row).map((option) => fishOption(option, inside)),
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
  test (count $words) -gt 0; and not contains -- "$words[1]" ${there()
    .map(({ name }) => name)
    .join(" ")}
end
function __reload_profiles
  for name in .reload.*.toml
    string replace -r '^\\.reload\\.(.*)\\.toml$' '$1' -- $name
  end
end
function __reload_services
  ${services}
end
complete -c reload -f
complete -c reload -n '__reload_is_first' -a '(__fish_complete_command)'
complete -c reload -n '__reload_is_command' -a '(__fish_complete_subcommand --fcs-skip=1)'
${ofAll()
  .map((option) => fishOption(option, first))
  .join("\n")}
${rows.join("\n")}
complete -c reload-dev -w reload
`;
}
