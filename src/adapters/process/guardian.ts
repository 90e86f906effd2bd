/**
 * So that `kill -9` of `reload` leaves nothing: a shell that is blocked on a pipe which only `reload` holds. When the
 * pipe closes it ends whatever is still under way and goes. It needs nothing but a shell; `grep` makes it quicker. It
 * costs one process of about 1 MB. Windows has no such thing here: see the documentation.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import { isatty } from "node:tty";
import { reasonOf } from "../../core/errors.ts";
import { statOf } from "../system/proc.ts";

export interface Guardian {
  /** A process of this name, `run3` or `build2`, is about to be started, or has been in this very turn: from now on it is ended with `reload`. */
  begin(name: string): void;
  /** The group of that name, for those of its members that do not carry the cookie, and where there is no `/proc`. */
  group(name: string, leader: number): void;
  /** Nothing of it is left, or what is left is left on purpose. */
  end(name: string): void;
  /** The modes of the terminal, as `stty -g` writes them: what is killed may leave it raw. */
  modes(text: string): void;
  /** `reload` ends in order. */
  close(): void;
}

/**
 * `$1` is the session, which no process of somebody else carries; `$2` what it has to know from the start, `$3` what brings the screen back. Everything of a run goes, known by its cookie, so
 * that it need not be told of each one; of builds only those that are under way. A group goes if its leader is still
 * the same process (field 22 of its stat), for its number may be somebody else's by now.
 */
const script = `
trap '' INT TERM HUP QUIT TSTP TTIN TTOU USR1 USR2 PIPE ALRM
session=$1 runs= builds= groups= modes=
without() { rest=; for its in $1; do case $its in "$2"|"$2"=*) ;; *) rest="$rest $its" ;; esac; done; }
hear() {
  word=\${1#? }
  case $1 in
    '+ run'*) runs=1 ;;
    '+ '*) builds="$builds $word" ;;
    '= '*) groups="$groups $word" ;;
    '- '*) without "$builds" "$word"; builds=$rest; without "$groups" "$word"; groups=$rest ;;
    't '*) modes=$word ;;
    'q') modes= ;;
  esac
}
IFS='
'
for line in $2; do unset IFS; hear "$line"; done
unset IFS
while IFS= read -r line; do hear "$line"; done
is_same() {
  [ -d /proc/self ] || return 0
  IFS= read -r stat <"/proc/$1/stat" || return 1
  started=$2
  set -- \${stat##*) }
  [ "\${20}" = "$started" ]
} 2>/dev/null
for its in $groups; do
  its=\${its#*=}
  # One that shares the group of reload has none of its own.
  is_same "\${its%:*}" "\${its#*:}" && { kill -9 "-\${its%:*}" || kill -9 "\${its%:*}"; } 2>/dev/null
done
marks=
[ -n "$runs" ] && marks="$session-run"
for its in $builds; do marks="$marks $session-$its."; done
carriers() {
  if [ -n "$has_grep" ]; then
    set --
    for mark in $marks; do set -- "$@" -e "$mark"; done
    grep -laF "$@" /proc/[0-9]*/environ
    return
  fi
  for file in /proc/[0-9]*/environ; do
    text=
    while IFS= read -r part || [ -n "$part" ]; do text=$text$part; done <"$file"
    for mark in $marks; do case $text in *"$mark"*) echo "$file" ;; esac; done
  done
} 2>/dev/null
if [ -n "$marks" ] && [ -d /proc/self ]; then
  # Some do not look beyond the first NUL, or are not there.
  has_grep=
  printf 'x\\000y' 2>/dev/null | grep -qaF -e z -e y 2>/dev/null && has_grep=1
  # One look proves nothing: in the middle of an exec there is nothing to be read.
  quiet=0 rounds=0
  while [ $quiet -lt 4 ] && [ $rounds -lt 200 ]; do
    rounds=$((rounds + 1)) quiet=$((quiet + 1))
    for file in $(carriers); do
      pid=\${file#/proc/}
      kill -9 "\${pid%/environ}" 2>/dev/null && quiet=0
    done
  done
fi
[ -n "$modes" ] && { stty $modes <&3; printf %s "$3" >&3; } 2>/dev/null
exit 0
`;

/** A shell that ends sooner than this does not work here: it is not tried again at once. In milliseconds. */
const shortestLifeMs = 1_000;

/**
 * @param screen is written to the terminal, if `reload` cannot do it, to have its screen as it was found
 * @param warn hears once why there is none
 */
export function createGuardian(
  session: string,
  screen: string,
  env: NodeJS.ProcessEnv,
  warn: (message: string, hint: string) => void,
): Guardian {
  if (process.platform === "win32") return { begin() {}, group() {}, end() {}, modes() {}, close() {} };
  const groups = new Map<string, string | undefined>();
  let isClosed = false;
  let modes: string | undefined;
  let shell: ChildProcess | undefined;
  let isWarned = false;

  const failed = (error: unknown): void => {
    shell = undefined;
    if (isWarned) return;
    isWarned = true;
    warn(
      `no guardian: /bin/sh cannot be started: ${reasonOf(error)}`,
      "if reload is killed with -9, what it started lives on",
    );
  };
  const say = (line: string): void => void shell?.stdin?.write(`${line}\n`);
  const summon = (): void => {
    const { PATH = "/usr/bin:/bin" } = env;
    const known = [...groups].flatMap(([name, group]) => [
      `+ ${name}`,
      ...(group === undefined ? [] : [`= ${name}=${group}`]),
    ]);
    if (modes !== undefined) known.push(`t ${modes}`);
    // An environment without the cookie, so that no sweep takes it for one of its wards; a directory that nobody removes.
    const summonedAt = performance.now();
    let child: ChildProcess;
    try {
      child = spawn("/bin/sh", ["-c", script, "reload-guardian", session, known.join("\n"), screen], {
        cwd: "/",
        env: { PATH },
        detached: true,
        stdio: ["pipe", "ignore", "ignore", isatty(0) ? 0 : "ignore"],
      });
    } catch (error) {
      failed(error);
      return;
    }
    shell = child;
    child.once("error", failed);
    child.once("exit", () => {
      if (shell !== child) return;
      shell = undefined;
      // Somebody ended it: there must be one as long as there is something to guard.
      if (isClosed) return;
      if (performance.now() - summonedAt > shortestLifeMs) summon();
      else setTimeout(() => isClosed || shell !== undefined || summon(), shortestLifeMs).unref();
    });
    child.unref();
    // Without a free descriptor there is no pipe either.
    const stdin: unknown = child.stdin;
    if (stdin instanceof Socket) stdin.on("error", () => {}).unref();
  };

  return {
    begin(name) {
      groups.set(name, undefined);
      if (shell === undefined) summon();
      else say(`+ ${name}`);
    },
    group(name, leader) {
      if (!groups.has(name)) return;
      const group = `${leader}:${statOf(leader)?.startedTicks ?? ""}`;
      groups.set(name, group);
      say(`= ${name}=${group}`);
    },
    end(name) {
      groups.delete(name);
      say(`- ${name}`);
    },
    modes(text) {
      modes = text;
      say(`t ${text}`);
    },
    close() {
      isClosed = true;
      say("q");
      shell?.stdin?.end();
    },
  };
}
