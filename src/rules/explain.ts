/** What ajv found, as mistakes with a path: which value, what is allowed there, and what may have been meant. */
import type { ErrorObject } from "ajv";
import { nearest } from "../config/check/suggest.ts";
import type { Path } from "../config/text/locate.ts";
import { isSecretPath } from "./secrets.ts";
import { allowedBy, isObject, json, jsonTypeOf, listed, type SchemaObject } from "./words.ts";

export interface SchemaFault {
  readonly path: Path;
  readonly at: "key" | "value";
  readonly message: string;
  readonly hint?: string;
  /** The value is not to be shown. */
  readonly isSecret: boolean;
}

/** One for each mistake: alternatives (`anyOf`) are told as one, and a key that is misspelt is not told as missing too. */
export function explainErrors(
  errors: readonly ErrorObject[],
  isText: (path: Path) => boolean = () => false,
): SchemaFault[] {
  const faults = withoutAlternatives(errors)
    .filter(({ keyword }) => keyword !== "if" && keyword !== "propertyNames")
    .map((error) => faultOf(error, isText));
  const meant = new Set(
    faults.map(({ meant, path }) => (meant === undefined ? "" : keyOf([...path.slice(0, -1), meant]))),
  );
  const seen = new Set<string>();
  return faults
    .filter((fault) => !(fault.missing !== undefined && meant.has(keyOf([...fault.path, fault.missing]))))
    .filter((fault) => {
      const said = `${keyOf(fault.path)} ${fault.message}`;
      return !seen.has(said) && seen.add(said);
    })
    .map(({ meant: _meant, missing: _missing, ...fault }) => fault);
}

interface Explained extends SchemaFault {
  readonly meant?: string;
  readonly missing?: string;
}

const keyOf = (path: Path): string => JSON.stringify(path);

export function pathOf(pointer: string): Path {
  const parts = pointer.split("/").slice(1);
  return parts.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~")).map(index);
}

const index = (part: string): string | number => (/^(?:0|[1-9]\d*)$/.test(part) ? Number(part) : part);

function faultOf(error: ErrorObject, isText: (path: Path) => boolean): Explained {
  const { keyword, params, data, instancePath } = error;
  const schema: SchemaObject = isObject(error.parentSchema) ? error.parentSchema : {};
  const path = pathOf(instancePath);
  const isSecret = isSecretPath(path) || schema["writeOnly"] === true || schema["format"] === "password";
  const fault = (message: string, hint?: string): Explained => ({
    path,
    at: "value",
    message: `${nameOf(path)}${message}`,
    ...(hint === undefined ? {} : { hint }),
    isSecret,
  });
  if (error.propertyName !== undefined) {
    const key = error.propertyName;
    const allowed = { ...schema, type: undefined };
    return {
      ...fault(""),
      path: [...path, key],
      at: "key",
      message: `the key ${key} is not allowed: a key is ${allowedBy(allowed)}`,
    };
  }
  switch (keyword) {
    case "additionalProperties":
    case "unevaluatedProperties": {
      const key = String(params["additionalProperty"] ?? params["unevaluatedProperty"]);
      return unknownKey(path, key, knownKeys(schema), isSecret);
    }
    case "required":
    case "dependentRequired":
    case "dependencies": {
      const missing = String(params["missingProperty"]);
      const properties = schema["properties"];
      const wanted = isObject(properties) ? properties[missing] : undefined;
      const because = typeof params["property"] === "string" ? `, which ${params["property"]} needs,` : "";
      const at = path.length === 0 ? "" : ` in ${keyText(path)}`;
      const hint = isObject(wanted) ? `add ${missing}: ${allowedBy(wanted)}` : undefined;
      return { ...fault("", hint), at: "key", message: `${missing}${because} is missing${at}`, missing };
    }
    case "enum":
    case "const": {
      const allowed = Array.isArray(schema["enum"]) ? schema["enum"] : [schema["const"]];
      const near =
        typeof data === "string"
          ? nearest(
              data,
              allowed.filter((each) => typeof each === "string"),
            )
          : undefined;
      return fault(` must be ${allowedBy(schema)}`, near === undefined ? undefined : `did you mean ${json(near)}?`);
    }
    case "type":
      return fault(` must be ${allowedBy(schema)}${isText(path) ? "" : `, not ${jsonTypeOf(data)}`}`);
    case "uniqueItems":
      return fault(` has the same item twice: ${twins(Number(params["i"]), Number(params["j"]))}`);
    case "contains":
      return fault(isObject(schema["contains"]) ? ` must contain ${allowedBy(schema["contains"])}` : " lacks an item");
    case "not":
      return fault(isObject(schema["not"]) ? ` must not be ${allowedBy(schema["not"])}` : " is not allowed");
    case "false schema":
      return { ...fault(" is not allowed here"), at: "key" };
    case "anyOf":
    case "oneOf":
      return fault(
        Array.isArray(params["passingSchemas"])
          ? " fits two alternatives, and one is allowed"
          : ` must be ${alternatives(error)}`,
      );
    case "unevaluatedItems":
    case "additionalItems":
      return fault(` has more items than the ${String(params["len"])} that are allowed`);
    default:
      return limits.has(keyword)
        ? fault(` must be ${allowedBy(schema)}`)
        : fault(` ${error.message ?? "is not allowed"}`);
  }
}

const twins = (one: number, other: number): string => `${Math.min(one, other) + 1} and ${Math.max(one, other) + 1}`;

const limits = new Set(
  "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength minItems maxItems minProperties maxProperties pattern format".split(
    " ",
  ),
);

/** `servers[0].port` */
const keyText = (path: Path): string =>
  path.map((part, index) => (typeof part === "number" ? `[${part}]` : `${index === 0 ? "" : "."}${part}`)).join("");

/** The value by name; the whole document has none. */
function nameOf(path: Path): string {
  const last = path.at(-1);
  if (last === undefined) return "the configuration";
  if (typeof last === "string") return last;
  return path.length === 1 ? `item ${last + 1}` : keyText(path.slice(-2));
}

function unknownKey(path: Path, key: string, known: readonly string[], isSecret: boolean): Explained {
  const near = nearest(key, known);
  const inside = path.length === 0 ? "" : ` in ${keyText(path)}`;
  const hint =
    near !== undefined
      ? `did you mean ${near}?`
      : known.length > 0
        ? `allowed${inside}: ${listed(known, "and")}`
        : undefined;
  return {
    path: [...path, key],
    at: "key",
    message: `unknown key ${/^[\w.-]+$/.test(key) ? key : json(key)}${inside}`,
    ...(hint === undefined ? {} : { hint }),
    ...(near === undefined ? {} : { meant: near }),
    isSecret,
  };
}

/** What the object may hold, also by way of what its schema is composed of. */
function knownKeys(schema: SchemaObject): string[] {
  const parts = ["allOf", "anyOf", "oneOf"].flatMap((name) => (Array.isArray(schema[name]) ? schema[name] : []));
  const own = isObject(schema["properties"]) ? Object.keys(schema["properties"]) : [];
  return [...new Set([...own, ...parts.filter(isObject).flatMap(knownKeys)])];
}

/**
 * Where one of several schemas must fit, ajv tells what is wrong with each. What people want to know: if the value is of no kind
 * that is allowed, which kinds are; else what is wrong by the schema that it comes nearest to.
 */
function withoutAlternatives(errors: readonly ErrorObject[]): ErrorObject[] {
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
    const told = nearestGroup ?? [
      { ...composite, params: { ...composite.params, kinds: kindsIn([...below], composite) } },
    ];
    left = [...left.filter((error) => !below.has(error) && error !== composite), ...told];
  }
  return left;
}

function belongs(error: ErrorObject, composite: ErrorObject, branch: unknown, number: number): boolean {
  if (!error.instancePath.startsWith(composite.instancePath) || error === composite) return false;
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
    return error.keyword === "const" && pathOf(error.instancePath).length === pathOf(composite.instancePath).length + 1;
  };

const byLength = (a: readonly unknown[], b: readonly unknown[]): number => a.length - b.length;

/** What the alternatives say of the kind of the value, where all of them say something. */
function kindsIn(below: readonly ErrorObject[], composite: ErrorObject): readonly string[] {
  const kinds = below.filter((error) => error.instancePath === composite.instancePath && isKind(error.keyword));
  return [...new Set(kinds.map(({ parentSchema }) => allowedBy(isObject(parentSchema) ? parentSchema : {})))];
}

const isKind = (keyword: string): boolean => ["type", "enum", "const"].includes(keyword);

function alternatives({ params, parentSchema }: ErrorObject): string {
  const kinds: readonly string[] = Array.isArray(params["kinds"]) ? params["kinds"] : [];
  if (kinds.length > 0) return listed(kinds, "or");
  const description = isObject(parentSchema) ? parentSchema["description"] : undefined;
  return typeof description === "string" ? description : "one of the alternatives in the schema";
}
