/** Whether a file of Go belongs to a build without further words: its name and its first lines say for which systems and tags it is. */
import { arch } from "node:os";

const systems = new Set(
  "aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris wasip1 windows zos".split(
    " ",
  ),
);
const architectures = new Set(
  "386 amd64 arm arm64 loong64 mips mips64 mips64le mipsle ppc64 ppc64le riscv64 s390x wasm".split(" "),
);

const ofThisSystem = process.platform === "win32" ? "windows" : process.platform;
const ofThisMachine: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };

/** @param text of the file, without comments in blocks */
export function isBuilt(name: string, text: string, env: NodeJS.ProcessEnv): boolean {
  const tags = tagsOf(env);
  const parts = name.replace(/\.go$/, "").split("_").slice(1);
  const [before, last] = [parts.at(-2), parts.at(-1)];
  const isForMachine = last !== undefined && architectures.has(last);
  const system = isForMachine ? before : last;
  if (isForMachine && !tags.has(last)) return false;
  if (system !== undefined && systems.has(system) && !tags.has(system)) return false;
  return constraintsOf(text).every((line) => holds(line, tags));
}

/** As expressions of the newer form. */
export function constraintsOf(text: string): string[] {
  const head = text.slice(0, Math.max(0, text.search(/^[ \t]*package[ \t]/m)));
  const newer = [...head.matchAll(/^\/\/go:build[ \t]+(.+)$/gm)].map(([, line = ""]) => line.trim());
  if (newer.length > 0) return newer;
  return [...head.matchAll(/^\/\/[ \t]*\+build[ \t]+(.+)$/gm)].map(([, line = ""]) =>
    line
      .trim()
      .split(/\s+/)
      .map((all) => `(${all.split(",").join(" && ")})`)
      .join(" || "),
  );
}

function tagsOf(env: NodeJS.ProcessEnv): ReadonlySet<string> {
  const system = env["GOOS"] ?? ofThisSystem;
  const given = /(?:^|\s)--?tags[= ](\S+)/.exec(env["GOFLAGS"] ?? "")?.[1]?.split(",") ?? [];
  return new Set([
    system,
    env["GOARCH"] ?? ofThisMachine[arch()] ?? arch(),
    "gc",
    ...(env["CGO_ENABLED"] === "0" ? [] : ["cgo"]),
    ...(system === "windows" || system === "plan9" || system === "js" ? [] : ["unix"]),
    ...given,
  ]);
}

/** `linux && (amd64 || !cgo)` */
function holds(expression: string, tags: ReadonlySet<string>): boolean {
  const tokens = expression.match(/&&|\|\||[!()]|[\w.]+/g) ?? [];
  let at = 0;
  const either = (): boolean => {
    let value = both();
    while (tokens[at] === "||") {
      at += 1;
      value = both() || value;
    }
    return value;
  };
  const both = (): boolean => {
    let value = one();
    while (tokens[at] === "&&") {
      at += 1;
      value = one() && value;
    }
    return value;
  };
  const one = (): boolean => {
    const token = tokens[at] ?? "";
    at += 1;
    if (token === "!") return !one();
    if (token !== "(") return tags.has(token) || /^go1\.\d+$/.test(token);
    const value = either();
    at += 1;
    return value;
  };
  return either();
}
