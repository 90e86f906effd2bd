/** What air watches and leaves out, in our words. */
import { durationText } from "../keys/duration.ts";
import { shown } from "../write/write.ts";
import { fromRe2, regexFault } from "./re2.ts";
import { isDefault, type Reader } from "./reader.ts";

export function translateWatching(reader: Reader, tmpDir: string): void {
  const slashes = (path: string): string => (reader.platform === "win32" ? path.replaceAll("\\", "/") : path);
  const plain = (path: string): string =>
    slashes(path)
      .replace(/^(?:\.\/)+/, "")
      .replace(/\/+$/, "");
  const extensions = reader.list("build.include_ext").map((extension) => extension.trim().replace(/^\./, ""));
  const files = includedFiles(reader, plain);
  const isAll = extensions.includes("*");
  const named = [...extensions.map((extension) => `.${extension}`), ...files];
  // In our words an empty list is every file; in air's it is none.
  reader.set("watch.include_files", isAll ? [] : named.length === 0 ? ["!*"] : named, "build.include_ext");

  const include = reader
    .list("build.include_dir")
    .map(plain)
    .filter((path) => path !== "");
  if (include.length > 0) reader.set("watch.include_dirs", include, "build.include_dir");

  const excluded = reader.list("build.exclude_dir");
  const directories = isDefault(reader, "build.exclude_dir")
    ? excluded.map((name) => (name === "tmp" ? tmpDir : name))
    : excluded;
  const all = new Set(
    [...directories, reader.text("testdata_dir")]
      .map(plain)
      .filter((path) => path !== "" && !path.startsWith("..") && !path.startsWith("/")),
  );
  reader.set(
    "watch.exclude_dirs",
    // air looks into no hidden directory, but at a file there that is named.
    [...[...all].map((path) => `/${literal(path)}`), ".*", ...files.flatMap(hiddenAbove)],
    "build.exclude_dir",
  );

  const binary =
    isAll && reader.list("build.entrypoint").length === 0 ? plain(reader.text("build.bin").split(" ", 1)[0] ?? "") : "";
  const globs = reader.list("build.exclude_file").map((glob) => `/${plain(glob).replaceAll(/\*{2,}/g, "*")}`);
  reader.set(
    "watch.exclude_files",
    binary === "" || binary.startsWith("/") ? globs : [...globs, `/${literal(binary)}`],
    "build.exclude_file",
  );

  translateRegexes(reader);
  reader.set("watch.gitignore", false);
  reader.set("watch.ignore_unchanged", reader.is("build.exclude_unchanged"), "build.exclude_unchanged");
  reader.set("watch.follow_symlinks", reader.is("build.follow_symlink"), "build.follow_symlink");
  const interval = Math.max(500, Number(reader.of("build.poll_interval").value ?? 0));
  reader.set("watch.poll", reader.is("build.poll") ? durationText(interval) : "auto", "build.poll");
  const delay = Math.max(0, Number(reader.of("build.delay").value ?? 1000));
  reader.set("watch.debounce", delay === 1000 ? "auto" : durationText(delay), "build.delay");
}

/** air takes any path; what lies outside of `root` can only be watched as a directory here. */
function includedFiles(reader: Reader, plain: (path: string) => string): string[] {
  return reader.list("build.include_file").flatMap((written, index) => {
    const path = plain(written);
    if (path !== "" && path !== ".." && !/^(?:\.\.\/|\/|[A-Za-z]:)/.test(path)) return [`/${path}`];
    reader.complain({
      code: "config/bad-value",
      severity: "warning",
      path: [...(reader.of("build.include_file").path ?? []), index],
      at: "value",
      message: `build.include_file: ${shown(written)} is not below root: it is not watched`,
    });
    return [];
  });
}

/** The hidden directories on the way to a file, from the outermost on, as patterns that take them back. */
const hiddenAbove = (file: string): string[] =>
  [...file.matchAll(/(?<=\/)\.[^/]+(?=\/)/g)].map(
    ({ index, 0: name }) => `!${literal(file.slice(0, index + name.length))}`,
  );

/** A path as a gitignore pattern that means just it. */
const literal = (path: string): string => path.replaceAll(/[\\*?[\]]/g, "\\$&");

function translateRegexes(reader: Reader): void {
  const good: string[] = [];
  reader.list("build.exclude_regex").forEach((given, index) => {
    const isEmpty = given === "";
    const fault = isEmpty
      ? { message: "is empty and leaves everything out in air: not taken over", hint: undefined }
      : regexFault(given);
    if (fault === undefined) {
      good.push(fromRe2(given));
      return;
    }
    reader.complain({
      code: "config/bad-pattern",
      severity: isEmpty ? "warning" : "error",
      path: [...(reader.of("build.exclude_regex").path ?? []), index],
      at: "value",
      message: `build.exclude_regex: ${shown(given)} ${fault.message}`,
      ...(fault.hint === undefined ? {} : { hint: fault.hint }),
    });
  });
  reader.set("watch.exclude_regex", good, "build.exclude_regex");
}
