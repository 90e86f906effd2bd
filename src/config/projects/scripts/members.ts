/** A script of several packages of a workspace. */
import { relative } from "node:path";
import { allMembers, type Package, readPackage, workspaceMember } from "./package.ts";
import type { RunnerStart } from "./runners.ts";

/** The same script of all members that have it, or of those that are named. */
export function ofMembers(pkg: Package, name: string | undefined, wanted?: readonly string[]): RunnerStart | undefined {
  if (name === undefined) return undefined;
  const named = wanted?.map((each) => workspaceMember(pkg, each));
  if (named?.includes(undefined) === true) return undefined;
  const members = (named ?? allMembers(pkg)).flatMap((directory) => {
    const member = directory === undefined ? undefined : readPackage(directory, pkg.env);
    return member === undefined || member === "broken" || member.scripts[name] === undefined ? [] : [member];
  });
  return members.length === 0 ? undefined : { is: "members", starts: members.map((member) => ({ pkg: member, name })) };
}

/** As pnpm writes directories: `./apps/api`, `{apps/api}`. */
export const ofFilter = (filter: string): string => filter.replace(/^\{(.*)\}$/, "$1").replace(/^\.\//, "");

/** A member and those that it needs, by name. */
function withNeeded(pkg: Package, member: string, found: ReadonlySet<string> = new Set()): ReadonlySet<string> {
  const there = readPackage(member, pkg.env);
  if (there === undefined || there === "broken" || found.has(member)) return found;
  const needed = ["dependencies", "devDependencies"].flatMap((kind) => Object.keys(Object(there.manifest[kind])));
  return allMembers(pkg)
    .filter((each) => {
      const other = readPackage(each, pkg.env);
      return other !== undefined && other !== "broken" && other.name !== undefined && needed.includes(other.name);
    })
    .reduce<ReadonlySet<string>>((all, each) => withNeeded(pkg, each, all), new Set([...found, member]));
}

/** `--filter "./apps/*"`, `--filter "@shop/*"`, `--filter api...`; what depends on a member is not asked here. */
export function ofMatching(
  pkg: Package,
  name: string | undefined,
  filters: readonly string[],
): RunnerStart | undefined {
  const [only = ""] = filters;
  const first = /^[^.!^]+(?=\.{3}$)/.exec(only)?.[0];
  const member = first === undefined || filters.length > 1 ? undefined : workspaceMember(pkg, ofFilter(first));
  if (member !== undefined) return ofMembers(pkg, name, [...withNeeded(pkg, member)]);
  if (filters.some((each) => each.includes("...") || each.startsWith("!"))) return undefined;
  const members = filters.map(ofFilter).flatMap((filter) => {
    const test = new RegExp(
      `^${filter
        .replaceAll(/[\\^$.|+()[\]{}?]/g, "\\$&")
        .replaceAll("**", "\0")
        .replaceAll("*", "[^/]*")
        .replaceAll("\0", ".*")}$`,
    );
    return allMembers(pkg).filter((member) => {
      const there = readPackage(member, pkg.env);
      const own = there === undefined || there === "broken" ? undefined : there.name;
      return test.test(relative(pkg.directory, member)) || (own !== undefined && test.test(own));
    });
  });
  return ofMembers(pkg, name, members.length === 0 ? undefined : [...new Set(members)]);
}
