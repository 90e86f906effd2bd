/** Several lines at once: one program beside what makes its files is still one program. */
import { compilerIn } from "./compilers.ts";
import { mapProgram, type Program, type ScriptPart, type ScriptReading } from "./program.ts";
import { lineOf } from "./shell.ts";

/** A compiler that watches beside one program that runs what it makes: a build, and the program. */
export function joinParts(parts: readonly ScriptPart[]): ScriptReading {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only.reading;
  const working = parts.filter(({ reading }) => !isChecker(reading));
  const alone = working.length > 0 && working.length < parts.length ? joinParts(working) : undefined;
  const checkers = parts.filter((each) => !working.includes(each)).map(({ line }) => line);
  if (alone?.is === "program")
    return mapProgram(alone, (program) => ({
      ...program,
      remarks: [`${checkers.join(", ")} is left out: it looks at types and runs nothing`, ...program.remarks],
    }));
  const unreadable = parts.find(({ reading }) => reading.is === "unreadable");
  if (unreadable !== undefined) return unreadable.reading;
  const all = parts.flatMap(({ reading }) => (reading.is === "program" ? [reading.program] : []));
  const makers = all.filter((each) => each.watcher === undefined && compilerIn(each) !== undefined);
  const programs = all.filter((each) => !makers.includes(each));
  const builders = parts.flatMap(({ reading }) => (reading.is === "builder" ? [reading] : []));
  const [program] = programs;
  if (program !== undefined && programs.length === 1 && builders.length + makers.length === parts.length - 1) {
    const compilers = builders.filter(({ name }) => !isForPages(name));
    if (compilers.length === builders.length) {
      const builds = builders.map(({ build }) => build).filter(({ line }) => !isBuilt(program, line));
      // `npm run build:css & node server.js`: it ends, and what it makes is there for as long as the program is.
      const once = makers.map((each) => ({ line: lineOf(each), directory: each.directory }));
      const own = builds.length === 0 ? program.once : program.once.filter(({ line }) => !isWaiting(line));
      return {
        is: "program",
        program: { ...program, once: [...once, ...own], builds: [...program.builds, ...builds] },
      };
    }
  }
  const [builder] = builders;
  if (builder !== undefined && builders.length === parts.length)
    return { ...builder, build: { ...builder.build, line: builders.map(({ build }) => build.line).join(" && ") } };
  return { is: "several", parts };
}

/** A compiler that is told to make no files. */
const isChecker = (reading: ScriptReading): boolean =>
  reading.is === "self-watching" && /^(?:vue-)?ts(?:c|go) /.test(reading.name);

/** Nothing is built twice: `tsc && (tsc --watch & node …)`. */
const isBuilt = ({ builds, once }: Program, line: string): boolean =>
  [...builds, ...once].some((before) => before.line === line);

/** For what is built anyway before the program starts: `wait-on dist/index.js`, `sleep 3`. */
const isWaiting = (line: string): boolean =>
  /^(?:\{ )?(?:npx )?(?:wait-on\s(?!.*\b(?:tcp|https?|https?-get|socket):)|wait-for-file\s|sleep\s)/.test(line);

const isForPages = (name: string): boolean => /^(?:tailwindcss|@tailwindcss\/cli|sass|postcss|unocss)/.test(name);
