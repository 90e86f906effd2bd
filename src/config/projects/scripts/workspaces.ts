/** The directories that a pattern of a workspace names: `packages/*`, `apps/api`. */
import { readdirSync } from "node:fs";
import { join } from "node:path";

export function workspaceMembers(directory: string, pattern: string): string[] {
  const parts = pattern.split("/").filter((part) => part !== "" && part !== ".");
  return parts.reduce<string[]>(
    (places, part) => {
      if (!/[*?]/.test(part)) return places.map((place) => join(place, part));
      const test = new RegExp(
        `^${part
          .replaceAll(/[\\^$.|+()[\]{}]/g, "\\$&")
          .replaceAll(/\*+/g, ".*")
          .replaceAll("?", ".")}$`,
      );
      return places.flatMap((place) =>
        directoriesIn(place).flatMap((name) => (test.test(name) ? [join(place, name)] : [])),
      );
    },
    [directory],
  );
}

/** Those that can be read, sorted; none of what packages installed. */
export function directoriesIn(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== "node_modules")
      .map(({ name }) => name)
      .sort();
  } catch {
    return [];
  }
}
