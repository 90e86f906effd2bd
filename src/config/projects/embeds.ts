/** Files that a compiler takes into the program besides its sources: a save of them calls for a build as well. */
import { readdirSync, statSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { go, rust } from "./kinds.ts";
import { has, textOf } from "./project.ts";

/** A start does not wait for a look at a whole monorepo. */
const mostSources = 400;
const mostDirectories = 300;
const skipped = /^(?:[._].*|vendor|node_modules|testdata|target|tmp|dist|build|out)$/;

/** `//go:embed templates/*.gohtml static`, as patterns of `include_files`. */
export const embeddedByGo = (directory: string): string[] =>
  embedded(directory, { files: go.files, ending: ".go" }, (text, place) =>
    [...text.matchAll(/^\/\/go:embed[ \t]+(.+)$/gm)].flatMap(([, line = ""]) =>
      [...line.matchAll(/"([^"]+)"|`([^`]+)`|(\S+)/g)]
        .map(([, quoted, back, plain]) => (quoted ?? back ?? plain ?? "").replace(/^all:/, ""))
        .map((pattern) => posix.join(place, pattern)),
    ),
  );

/** `include_str!("schema.sql")`, `sqlx::migrate!()`, in the same way. */
export const embeddedByRust = (directory: string): string[] =>
  embedded(directory, { files: rust.files, ending: ".rs" }, (text, place) => {
    const crate = (): string => {
      let at = place;
      while (at !== "" && at !== "." && !has(join(directory, at), "Cargo.toml")) at = dirname(at);
      return at;
    };
    const named = (pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, path = ""]) => path);
    return [
      ...named(/\binclude(?:_str|_bytes)?!\s*\(\s*"([^"]+)"/g).map((path) => posix.join(place, path)),
      ...[
        ...named(/\bquery_file\w*!\s*\((?:[^"()]*,)?\s*"([^"]+)"/g),
        ...named(/\bCARGO_MANIFEST_DIR"\s*\)\s*,\s*"([^"]+)"/g),
        ...named(/\binclude_dir!\s*\(\s*"\$CARGO_MANIFEST_DIR\/([^"]+)"/g),
        ...[...text.matchAll(/\bmigrate!\s*\(\s*(?:"([^"]+)")?\s*\)/g)].map(([, path = "migrations"]) => path),
        ...named(/#\[template\([^)]*\bpath\s*=\s*"([^"]+)"/g).map((path) => posix.join("templates", path)),
      ].map((path) => posix.join(crate(), path)),
    ];
  });

function embedded(
  directory: string,
  { files, ending }: { readonly files: readonly string[]; readonly ending: string },
  namedIn: (text: string, place: string) => readonly string[],
): string[] {
  const paths = new Set<string>();
  const places = [""];
  let sources = 0;
  for (let at = 0; at < places.length && at < mostDirectories && sources < mostSources; at += 1) {
    const place = places[at] ?? "";
    for (const entry of entriesOf(join(directory, place))) {
      const path = posix.join(place, entry.name);
      if (entry.isDirectory() && !skipped.test(entry.name)) places.push(path);
      if (!entry.isFile() || !entry.name.endsWith(ending)) continue;
      sources += 1;
      for (const named of namedIn(textOf(directory, path) ?? "", place)) paths.add(named);
    }
  }
  return [...paths].filter((path) => !/^\.\.|[!{}\\]/.test(path)).flatMap((path) => patternsOf(directory, path, files));
}

/** A directory is taken whole; what is asked for by an ending that counts anyway adds nothing. */
function patternsOf(directory: string, path: string, files: readonly string[]): string[] {
  const isGlob = /[*?[]/.test(path);
  const isDirectory = !isGlob && statSync(join(directory, path), { throwIfNoEntry: false })?.isDirectory() === true;
  if (isDirectory) return [`/${path.replace(/\/$/, "")}/**`];
  if (files.some((ending) => ending.startsWith(".") && path.endsWith(ending))) return [];
  return isGlob && !posix.basename(path).includes(".") ? [`/${path}`, `/${path}/**`] : [`/${path}`];
}

function entriesOf(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}
