/** Where one of several schemas must fit: which of the mistakes is told. */
import type { ErrorObject } from "ajv";
import { pathOf } from "./pointer.ts";
import { allowedBy, isObject, listed } from "./words.ts";

/**
 * Where one of several schemas must fit, ajv tells what is wrong with each. What people want to know: if the value is of no kind
 * that is allowed, which kinds are; else what is wrong by the schema that it comes nearest to.
 */
export function withoutAlternatives(errors: readonly ErrorObject[]): ErrorObject[] {
  let left = [...errors];
  // The innermost come first: what they are made into is taken as it is by the outer ones.
  for (const composite of errors) {
    if ((composite.keyword !== "anyOf" && composite.keyword !== "oneOf") || !left.includes(composite)) continue;
    const branches = Array.isArray(composite.schema) ? composite.schema : [];
    const groups = branches.map((branch: unknown, number) =>
      left.filter((error) => belongs(error, composite, branch, number)),
    );
    const below = new Set(groups.flat());
    const nearestGroup = groups
      .filter((group) => group.length > 0 && !group.some(isOtherKind(composite)))
      .sort(byLength)[0];
    const told = oneOfTheMissing(groups, composite) ??
      nearestGroup ??
      otherKind(groups, composite) ?? [
        { ...composite, params: { ...composite.params, kinds: kindsIn([...below], composite) } },
      ];
    left = [...left.filter((error) => !below.has(error) && error !== composite), ...told];
  }
  return left;
}

/** `/list/4` is not above `/list/40`. */
export const isWithin = (pointer: string, above: string): boolean =>
  pointer === above || pointer.startsWith(`${above}/`);

function belongs(error: ErrorObject, composite: ErrorObject, branch: unknown, number: number): boolean {
  if (!isWithin(error.instancePath, composite.instancePath) || error === composite) return false;
  if (error.schemaPath.startsWith(`${composite.schemaPath}/${number}/`)) return true;
  const target = isObject(branch) ? (branch["$ref"] ?? branch["$dynamicRef"]) : undefined;
  // ajv names the place of what is referred to, not the way to it.
  return typeof target === "string" && error.schemaPath.startsWith(`${target}/`);
}

/** The value is not of the kind that this alternative is about: another type, or another value of what tells the kinds apart. */
const isOtherKind =
  (composite: ErrorObject) =>
  (error: ErrorObject): boolean => {
    if (error.instancePath === composite.instancePath) return isKind(error.keyword);
    return tagOf(error, composite) !== undefined;
  };

/** The one value that an alternative allows for a key of the object: by such keys alternatives are told apart. */
function tagOf(error: ErrorObject, composite: ErrorObject): { readonly value: unknown } | undefined {
  if (pathOf(error.instancePath).length !== pathOf(composite.instancePath).length + 1) return undefined;
  const { keyword, schema } = error;
  if (keyword === "const") return { value: schema };
  return keyword === "enum" && Array.isArray(schema) && schema.length === 1 ? { value: schema[0] } : undefined;
}

/** Each alternative wants another value at the same key: these are what there is to choose from. */
function otherKind(groups: readonly (readonly ErrorObject[])[], composite: ErrorObject): ErrorObject[] | undefined {
  const tags = groups.map((group) => group.filter((error) => tagOf(error, composite) !== undefined));
  const shared = tags[0]?.find(({ instancePath }) =>
    tags.every((group) => group.some((error) => error.instancePath === instancePath)),
  );
  if (shared === undefined) return undefined;
  const those = tags.flat().filter(({ instancePath }) => instancePath === shared.instancePath);
  const schema = [...new Set(those.map((error) => tagOf(error, composite)?.value))];
  return [{ ...shared, keyword: "enum", schema, parentSchema: { enum: schema } }];
}

/** Each alternative is about one key that has to be there. */
function oneOfTheMissing(
  groups: readonly (readonly ErrorObject[])[],
  composite: ErrorObject,
): ErrorObject[] | undefined {
  const only = groups.map((group) => (group.length === 1 ? group[0] : undefined));
  const keys = only.map((error) =>
    error?.keyword === "required" && error.instancePath === composite.instancePath
      ? String(error.params["missingProperty"])
      : "",
  );
  const [first] = only;
  if (first === undefined || keys.length < 2 || keys.includes("")) return undefined;
  return [{ ...first, params: { missingProperty: listed([...new Set(keys)], "or") } }];
}

const byLength = (a: readonly unknown[], b: readonly unknown[]): number => a.length - b.length;

/** What the alternatives say of the kind of the value, where all of them say something. */
function kindsIn(below: readonly ErrorObject[], composite: ErrorObject): readonly string[] {
  const kinds = below.filter((error) => error.instancePath === composite.instancePath && isKind(error.keyword));
  return [...new Set(kinds.map(({ parentSchema }) => allowedBy(isObject(parentSchema) ? parentSchema : {})))];
}

const isKind = (keyword: string): boolean => ["type", "enum", "const"].includes(keyword);
