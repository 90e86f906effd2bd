/** Whose a file is: everything whose real path has a `node_modules` in it belongs to a package, all else is the user's own. */

const separator = /[\\/]/;

/** The directory of the package that a file belongs to; `undefined`: the user's own. */
export function packageOf(file: string): string | undefined {
  const parts = file.split(separator);
  const at = parts.lastIndexOf("node_modules");
  const first = parts[at + 1];
  if (at < 0 || first === undefined || first === "") return undefined;
  return parts.slice(0, at + (first.startsWith("@") ? 3 : 2)).join("/");
}

/** Its name, as it is imported. */
export function packageNameOf(directory: string): string {
  const parts = directory.split(separator);
  return parts.slice(parts.lastIndexOf("node_modules") + 1).join("/");
}
