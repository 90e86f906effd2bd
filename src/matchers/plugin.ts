/** A module of the user's own that judges paths: `export default { name, judge(change), enters?(directory) }`. */
import { pathToFileURL } from "node:url";
import type { Change, Judgement, Matcher, Verdict } from "../core/demand.ts";
import type { Problem } from "../core/problem.ts";
import { fenced, type Within } from "./fence.ts";

/** What the user's module may ask for; the rest of the verdicts belong to rules. */
const allowed: readonly Verdict[] = ["ignore", "restart", "rebuild"];

/**
 * Loads and guards the module at `path` (absolute). One that cannot be loaded, or is not a matcher, is a problem.
 * @param report hears once of each kind of misbehaviour; the matcher abstains then
 */
export async function loadPlugin(path: string, report: (problem: Problem) => void): Promise<Matcher | Problem> {
  let isTold = false;
  const within = fenced(path, (error) => {
    if (isTold) return;
    isTold = true;
    const message = `matcher ${path}: something that it began has failed: ${messageOf(error)}`;
    report(problem(message, "it is not waited for, and nothing is stopped by it"));
  });
  try {
    // The query lets an edited module be loaded again: imports are cached by URL.
    const module: unknown = await inTime(within(() => import(`${pathToFileURL(path).href}?${Date.now()}`)));
    const candidate = field(module, "default");
    if (typeof field(candidate, "judge") !== "function") {
      return problem(`${path} is not a matcher`, "it has to export default { name, judge(change) { … } }");
    }
    return guard(candidate, path, report, within);
  } catch (error) {
    return problem(`cannot load the matcher ${path}: ${messageOf(error)}`);
  }
}

/** The longest that a module may take until it is loaded, in milliseconds. */
const longestLoadMs = 10_000;

async function inTime<T>(loading: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it is not done after ${longestLoadMs / 1000}s`)), longestLoadMs);
  });
  try {
    return await Promise.race([loading, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Makes a trustworthy matcher of any value with a `judge` method. */
function guard(candidate: unknown, path: string, report: (problem: Problem) => void, within: Within): Matcher {
  const given = field(candidate, "name");
  const name = typeof given === "string" && given !== "" ? given : path;
  const told = new Set<string>();
  const once = (message: string, hint?: string): void => {
    if (told.has(message)) return;
    told.add(message);
    report(problem(`matcher ${name}: ${message}`, hint));
  };
  /** The answer is the matcher's as well, and may throw where it is read. */
  const call = <T>(method: "judge" | "enters", argument: unknown, read: (answer: unknown) => T): T | undefined => {
    try {
      const implementation = field(candidate, method);
      if (typeof implementation !== "function") return undefined;
      const answer: unknown = within(() => Reflect.apply(implementation, candidate, [argument]));
      if (!(answer instanceof Promise)) return read(answer);
      // Nobody waits for it: if it fails later, that is all that there is to say.
      answer.catch(() => {});
      once(`${method} answered a promise`, "it is asked for each path and has to answer at once; undefined abstains");
      return undefined;
    } catch (error) {
      // The message may carry the path; one report per kind of failure is enough.
      if (!told.has(method)) {
        told.add(method);
        once(`${method} threw: ${messageOf(error)}`, "it abstains wherever it throws");
      }
      return undefined;
    }
  };
  const judgement = (answer: unknown): Judgement | undefined => {
    if (answer === undefined || answer === null) return undefined;
    const verdict = allowed.find((candidateVerdict) => candidateVerdict === field(answer, "verdict"));
    if (verdict === undefined) {
      once(
        `judge answered ${shown(field(answer, "verdict"))}`,
        `a verdict is one of ${allowed.join(", ")}; undefined abstains`,
      );
      return undefined;
    }
    const because = field(answer, "because");
    const pattern = typeof because === "string" ? because : field(because, "pattern");
    const source = field(because, "source");
    return {
      verdict,
      because: {
        pattern: typeof pattern === "string" ? pattern : "",
        source: typeof source === "string" ? source : `[watch] matcher: ${name}`,
      },
    };
  };
  return {
    name,
    judge: (change: Change) => call("judge", change, judgement),
    enters: (directory) => call("enters", directory, (answer) => (typeof answer === "boolean" ? answer : undefined)),
  };
}

function field(value: unknown, key: string): unknown {
  return (typeof value === "object" && value !== null) || typeof value === "function"
    ? Reflect.get(value, key)
    : undefined;
}

function problem(message: string, hint?: string): Problem {
  return {
    code: "watch/matcher",
    severity: "warning",
    message,
    origin: "[watch] matcher",
    ...(hint === undefined ? {} : { hint }),
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
