/**
 * So that `kill -9` of `reload` leaves nothing: a shell that is blocked on a pipe which only `reload` holds. When the
 * pipe closes it ends whatever is still under way, by group and by cookie, and goes. It needs nothing but a shell;
 * `grep` makes it quicker. It costs one process of about 1 MB. Windows has no such thing here: see the documentation.
 */
import { type ChildProcess, spawn } from "node:child_process";

export interface Guardian {
  /** Before a process of this name is started: from now on it is ended with `reload`. */
  begin(name: string): void;
  /** The group of that name, where there is no `/proc` to find it by. */
  group(name: string, group: number): void;
  /** Nothing of it is left, or what is left is left on purpose. */
  end(name: string): void;
  close(): void;
}

/** The names that may be ended; everything else in it is fixed. `$1` is the session, which no process of somebody else carries. */
const script = `
trap '' INT TERM HUP QUIT TSTP USR1 USR2 PIPE
session=$1 names= groups=
without() { rest=; for its in $1; do case $its in "$2"|"$2"=*) ;; *) rest="$rest $its" ;; esac; done; }
while IFS= read -r line; do
  word=\${line#? }
  case $line in
    '+ '*) names="$names $word" ;;
    '= '*) groups="$groups $word" ;;
    '- '*) without "$names" "$word"; names=$rest; without "$groups" "$word"; groups=$rest ;;
  esac
done
[ -n "$names" ] || exit 0
for its in $groups; do kill -9 "-\${its#*=}" 2>/dev/null; done
[ -d /proc/self ] || exit 0
carriers() {
  set --
  for its in $names; do set -- "$@" -e "$session-$its."; done
  if command -v grep >/dev/null 2>&1; then grep -laF "$@" /proc/[0-9]*/environ 2>/dev/null; return; fi
  for file in /proc/[0-9]*/environ; do
    text=
    while IFS= read -r part || [ -n "$part" ]; do text=$text$part; done 2>/dev/null <"$file"
    for its in $names; do case $text in *"$session-$its."*) echo "$file" ;; esac; done
  done 2>/dev/null
}
quiet=0 rounds=0
while [ $quiet -lt 2 ] && [ $rounds -lt 200 ]; do
  rounds=$((rounds + 1)) quiet=$((quiet + 1))
  for file in $(carriers); do
    pid=\${file#/proc/}
    kill -9 "\${pid%/environ}" 2>/dev/null && quiet=0
  done
done
`;

export function createGuardian(session: string): Guardian {
  if (process.platform === "win32") return { begin() {}, group() {}, end() {}, close() {} };
  const groups = new Map<string, number | undefined>();
  let isClosed = false;
  let shell: ChildProcess | undefined;

  const say = (line: string): void => void shell?.stdin?.write(`${line}\n`);
  const summon = (): void => {
    const { PATH = "/usr/bin:/bin" } = process.env;
    // An environment without the cookie, so that no sweep takes it for one of its wards; a directory that nobody removes.
    const child = spawn("/bin/sh", ["-c", script, "reload-guardian", session], {
      cwd: "/",
      env: { PATH },
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    });
    shell = child;
    child.stdin?.on("error", () => {});
    child.once("error", () => {});
    child.once("exit", () => {
      // Somebody ended it: there must be one as long as there is something to guard.
      if (!isClosed && shell === child) summon();
    });
    child.unref();
    for (const [name, group] of groups) {
      say(`+ ${name}`);
      if (group !== undefined) say(`= ${name}=${group}`);
    }
    const { stdin } = child;
    if (stdin !== null && "unref" in stdin && typeof stdin.unref === "function") stdin.unref();
  };

  return {
    begin(name) {
      groups.set(name, undefined);
      if (shell === undefined) summon();
      else say(`+ ${name}`);
    },
    group(name, group) {
      groups.set(name, group);
      say(`= ${name}=${group}`);
    },
    end(name) {
      groups.delete(name);
      say(`- ${name}`);
    },
    close() {
      isClosed = true;
      shell?.stdin?.end();
    },
  };
}
