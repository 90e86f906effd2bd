/** Patterns for files that are called otherwise each time, so that one line of a configuration can leave them all out. */

/** What may be said of a path, the narrowest first: `shots/page-*.png`, `shots/*.png`, `shots/`, `*.png`. */
export function placesOf(path: string): string[] {
  const at = path.lastIndexOf("/") + 1;
  const directory = path.slice(0, at);
  const name = path.slice(at);
  const ending = /(?<=.)\.[A-Za-z][A-Za-z0-9]{0,9}$/.exec(name)?.[0] ?? "";
  const stem = name.slice(0, name.length - ending.length);
  const beginning = /^[A-Za-z]{2,}[-_.](?=.)/.exec(stem)?.[0] ?? "";
  return [
    ...(beginning === "" ? [] : [`${directory}${beginning}*${ending}`]),
    ...(ending === "" ? [] : [`${directory}*${ending}`]),
    ...above(directory),
    ...(ending === "" ? [] : [`*${ending}`]),
  ];
}

/** A directory and those around it, the innermost first. */
function above(directory: string): string[] {
  const parts = directory.split("/").filter((part) => part !== "");
  return parts.map((_, index) => `${parts.slice(0, parts.length - index).join("/")}/`);
}

/** Those of a round that hold in all the rounds before it too. */
export function inCommon(before: readonly string[] | undefined, round: readonly (readonly string[])[]): string[] {
  const now = new Set(round.flat());
  return before === undefined ? [...now] : before.filter((place) => now.has(place));
}
