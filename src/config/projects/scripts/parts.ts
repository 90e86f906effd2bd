/** Several lines at once: one program beside what makes its files is still one program. */
import type { Program, ScriptPart, ScriptReading } from "./program.ts";

/** A compiler that watches beside one program that runs what it makes: a build, and the program. */
export function joinParts(parts: readonly ScriptPart[]): ScriptReading {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only.reading;
  const unreadable = parts.find(({ reading }) => reading.is === "unreadable");
  if (unreadable !== undefined) return unreadable.reading;
  const programs = parts.flatMap(({ reading }) => (reading.is === "program" ? [reading.program] : []));
  const builders = parts.flatMap(({ reading }) => (reading.is === "builder" ? [reading] : []));
  const [program] = programs;
  if (program !== undefined && programs.length === 1 && builders.length === parts.length - 1) {
    const compilers = builders.filter(({ name }) => !isForPages(name));
    if (compilers.length === builders.length) {
      const builds = builders.map(({ build }) => build).filter(({ line }) => !isBuilt(program, line));
      return { is: "program", program: { ...program, builds: [...program.builds, ...builds] } };
    }
  }
  const [builder] = builders;
  if (builder !== undefined && builders.length === parts.length)
    return { ...builder, build: { ...builder.build, line: builders.map(({ build }) => build.line).join(" && ") } };
  return { is: "several", parts };
}

/** Nothing is built twice: `tsc && (tsc --watch & node …)`. */
const isBuilt = ({ builds, once }: Program, line: string): boolean =>
  [...builds, ...once].some((before) => before.line === line);

const isForPages = (name: string): boolean => /^(?:tailwindcss|@tailwindcss\/cli|sass|postcss|unocss)/.test(name);
