/** What air watches and leaves out, in our words. */
import { durationText } from "../keys/duration.ts";
import { shown } from "../write/write.ts";
import { fromRe2, regexFault } from "./re2.ts";
import { isDefault, type Reader } from "./reader.ts";

export function translateWatching(its: Reader, tmpDir: string): void {
  const slashes = (path: string): string => (its.platform === "win32" ? path.replaceAll("\\", "/") : path);
  const plain = (path: string): string =>
    slashes(path)
      .replace(/^(?:\.\/)+/, "")
      .replace(/\/+$/, "");
  const extensions = its.list("build.include_ext").map((extension) => extension.trim().replace(/^\./, ""));
  const files = includedFiles(its, plain);
  const isAll = extensions.includes("*");
  const named = [...extensions.map((extension) => `.${extension}`), ...files];
  // In our words an empty list is every file; in air's it is none.
  its.set("watch.include_files", isAll ? [] : named.length === 0 ? ["!*"] : named, "build.include_ext");

  const include = its
    .list("build.include_dir")
    .map(plain)
    .filter((path) => path !== "");
  if (include.length > 0) its.set("watch.include_dirs", include, "build.include_dir");

  const excluded = its.list("build.exclude_dir");
  const directories = isDefault(its, "build.exclude_dir")
    ? excluded.map((name) => (name === "tmp" ? tmpDir : name))
    : excluded;
  const all = new Set(
    [...directories, its.text("testdata_dir")]
      .map(plain)
      .filter((path) => path !== "" && !path.startsWith("..") && !path.startsWith("/")),
  );
  its.set(
    "watch.exclude_dirs",
    [...all].map((path) => `/${literal(path)}`),
    "build.exclude_dir",
  );

  const binary =
    isAll && its.list("build.entrypoint").length === 0 ? plain(its.text("build.bin").split(" ", 1)[0] ?? "") : "";
  const globs = its.list("build.exclude_file").map((glob) => `/${plain(glob).replaceAll(/\*{2,}/g, "*")}`);
  its.set(
    "watch.exclude_files",
    binary === "" || binary.startsWith("/") ? globs : [...globs, `/${literal(binary)}`],
    "build.exclude_file",
  );

  translateRegexes(its);
  its.set("watch.gitignore", false);
  its.set("watch.ignore_unchanged", its.is("build.exclude_unchanged"), "build.exclude_unchanged");
  its.set("watch.follow_symlinks", its.is("build.follow_symlink"), "build.follow_symlink");
  const interval = Math.max(500, Number(its.of("build.poll_interval").value ?? 0));
  its.set("watch.poll", its.is("build.poll") ? durationText(interval) : "auto", "build.poll");
  const delay = Math.max(0, Number(its.of("build.delay").value ?? 1000));
  its.set("watch.debounce", delay === 1000 ? "auto" : durationText(delay), "build.delay");
}

/** air takes any path; what lies outside of `root` can only be watched as a directory here. */
function includedFiles(its: Reader, plain: (path: string) => string): string[] {
  return its.list("build.include_file").flatMap((written, index) => {
    const path = plain(written);
    if (path !== "" && path !== ".." && !/^(?:\.\.\/|\/|[A-Za-z]:)/.test(path)) return [`/${path}`];
    its.complain({
      code: "config/bad-value",
      severity: "warning",
      path: [...(its.of("build.include_file").path ?? []), index],
      at: "value",
      message: `build.include_file: ${shown(written)} is not below root: it is not watched`,
    });
    return [];
  });
}

/** A path as a gitignore pattern that means just it. */
const literal = (path: string): string => path.replaceAll(/[\\*?[\]]/g, "\\$&");

function translateRegexes(its: Reader): void {
  const good: string[] = [];
  its.list("build.exclude_regex").forEach((given, index) => {
    const fault = regexFault(given);
    if (fault === undefined) {
      good.push(fromRe2(given));
      return;
    }
    its.complain({
      code: "config/bad-pattern",
      severity: "error",
      path: [...(its.of("build.exclude_regex").path ?? []), index],
      at: "value",
      message: `build.exclude_regex: ${shown(given)} ${fault.message}`,
      ...(fault.hint === undefined ? {} : { hint: fault.hint }),
    });
  });
  its.set("watch.exclude_regex", good, "build.exclude_regex");
}
