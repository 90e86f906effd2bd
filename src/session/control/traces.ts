/** Where a program of one's own went wrong, in the traces that interpreters print when it ends by a fault. */
import type { ErrorPlace } from "./places.ts";

/** Places of packages and of the interpreter: nobody mends anything there. */
const foreign =
  /(^node:|[\\/](node_modules|site-packages|dist-packages|go[\\/]pkg[\\/]mod|rustc)[\\/]|^<|[\\/]lib[\\/]python[\d.]+[\\/]|[\\/]usr[\\/](local[\\/])?(lib|go)[\\/])/;

interface Trace {
  /** The line that says what is wrong. */
  readonly message: RegExp;
  /** A frame: file, line and, if it has one, column. */
  readonly frame: RegExp;
  /** Where the message stands, seen from the frames; Python's innermost frame is the last one. */
  readonly messageIs: "above" | "below";
}

const traces: readonly Trace[] = [
  // Node, Deno, Bun: `TypeError: x is not a function` and `    at main (/app/server.js:3:5)`
  {
    message: /^(?:Uncaught )?((?:[\w$.]*(?:Error|Exception)\b|AssertionError).*)$/,
    frame: /^\s+at (?:.*\(|async )?((?:file:\/\/\/?)?(?:[A-Za-z]:)?[^():]+):(\d+):(\d+)\)?$/,
    messageIs: "above",
  },
  // Python: `  File "app.py", line 3, in main` and `NameError: name 'x' is not defined`
  {
    message: /^([A-Za-z_][\w.]*(?:: .*|(?:Error|Exception|Interrupt|Exit)))$/,
    frame: /^\s+File "(.+?)", line (\d+)()/,
    messageIs: "below",
  },
  // Go: `panic: nil map` and `\t/app/main.go:5 +0x1d`
  { message: /^((?:panic|fatal error): .*)$/, frame: /^\t(\S.*?\.go):(\d+)()(?: \+0x[0-9a-f]+)?$/, messageIs: "above" },
];

/** Of each fault in the text the frame of the program itself that is the innermost. */
export function faultsIn(lines: readonly string[]): readonly ErrorPlace[] {
  return traces.flatMap((trace) => faultsOf(lines, trace));
}

type Place = Omit<ErrorPlace, "message">;

/** Node: where it stopped, above the line itself and a caret; of a mistake in the syntax no frame says it. */
const heading = /^((?:file:\/\/)?(?:[A-Za-z]:)?[\\/][^:]+):(\d+)$/;

/** Node: a module that is not there has no frame, but somebody who asked for it. */
function importer(message = ""): Place | undefined {
  const file = / imported from (.+)$/.exec(message)?.[1];
  return file === undefined ? undefined : { file, line: null, column: null };
}

/** Modules are named by their addresses, in which a blank is `%20`. */
function pathOf(named: string): string {
  if (!named.startsWith("file://")) return named;
  const path = named.slice("file://".length).replace(/^\/(?=[A-Za-z]:)/, "");
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function faultsOf(lines: readonly string[], { message, frame, messageIs }: Trace): ErrorPlace[] {
  const found: ErrorPlace[] = [];
  let told: string | undefined;
  let own: Place | undefined;
  const end = (place: Place | undefined): void => {
    const at = place ?? importer(told);
    if (told !== undefined && at !== undefined) found.push({ ...at, message: told });
    [told, own] = [undefined, undefined];
  };
  for (const line of lines) {
    const [, named = "", at = "", column = ""] =
      frame.exec(line) ?? (messageIs === "above" ? heading.exec(line) : null) ?? [];
    if (named !== "") {
      const file = pathOf(named);
      if (foreign.test(file)) continue;
      const place = { file, line: Number(at), column: column === "" ? null : Number(column) };
      if (messageIs === "above" && told !== undefined) end(place);
      else own = place;
      continue;
    }
    const [, text] = message.exec(line) ?? [];
    if (text === undefined) continue;
    if (messageIs === "above" && told !== undefined) end(own);
    told = text;
    if (messageIs === "below") end(own);
  }
  end(own);
  return found;
}
