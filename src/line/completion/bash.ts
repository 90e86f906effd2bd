/** What bash completes. */
import { type Option, options } from "../argv.ts";
import { colorModes, listServices, offeredCommands, offeredOptions, optionsOfCommand, takers } from "./offers.ts";

const spelled = (all: readonly Option[]): string[] =>
  all.flatMap(({ long, short }) => [`--${long}`, ...(short === undefined ? [] : [`-${short}`])]);

export function bashCompletion(): string {
  const cases = offeredCommands().map(
    (row) =>
      `    ${row.name}) words="${[...spelled(optionsOfCommand(row)), ...(row.choices ?? [])].join(" ")}"; paths=${row.takesPaths === true ? 1 : 0} ;;`,
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
    --color) [ -n "$value" ] && { _reload_words "${colorModes}"; return; } ;;
    ${takers(options, "profile")}) _reload_profiles; return ;;
    ${takers(options, "service")}) _reload_words "$(${listServices})"; return ;;
    ${takers(options, "directory")}) _reload_files -d; return ;;
    ${[takers(options, "file"), "--json"].join("|")}) { [ "$prev" != --json ] || [ -n "$value" ]; } && { _reload_files -f; return; } ;;
    ${takers(options, "any")}) return ;;
  esac
  case "$command" in
    "") words="${[...offeredCommands().map(({ name }) => name), ...spelled(offeredOptions())].join(" ")}" ;;
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
