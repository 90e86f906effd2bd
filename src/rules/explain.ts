/** What ajv found, as mistakes with a path: which value, what is allowed there, and what may have been meant. */
import type { ErrorObject } from "ajv";
import { nearest } from "../config/check/suggest.ts";
import type { Path } from "../config/text/locate.ts";
import { isWithin, withoutAlternatives } from "./alternatives.ts";
import { pathOf } from "./pointer.ts";
import { isSecretPath } from "./secrets.ts";
import { allowedBy, isObject, json, jsonTypeOf, listed, mostFaults, type SchemaObject } from "./words.ts";

export interface SchemaFault {
  readonly path: Path;
  readonly at: "key" | "value";
  readonly message: string;
  readonly hint?: string;
  /** The value is not to be shown. */
  readonly isSecret: boolean;
}

const mostErrors = 2_000;

export interface ExplainedErrors {
  readonly faults: readonly SchemaFault[];
  /** These are the first of more. */
  readonly isMore: boolean;
}

/** One for each mistake: alternatives (`anyOf`) are told as one, and a key that is misspelt is not told as missing too. */
export function explainErrors(
  errors: readonly ErrorObject[],
  isText: (path: Path) => boolean = () => false,
): ExplainedErrors {
  const all = faultsOf(firstOf(errors), isText);
  return { faults: all.slice(0, mostFaults), isMore: errors.length > mostErrors || all.length > mostFaults };
}

/** With the alternatives that the last of them belong to, which come after them. */
function firstOf(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  if (errors.length <= mostErrors) return errors;
  const last = errors[mostErrors - 1]?.instancePath ?? "";
  const around = errors
    .slice(mostErrors)
    .filter(
      ({ keyword, instancePath }) => (keyword === "anyOf" || keyword === "oneOf") && isWithin(last, instancePath),
    );
  return [...errors.slice(0, mostErrors), ...around];
}

function faultsOf(errors: readonly ErrorObject[], isText: (path: Path) => boolean): SchemaFault[] {
  // Why each item is not the one that a list must contain is not what is wrong.
  const lacking = errors.filter(({ keyword }) => keyword === "contains").map(({ schemaPath }) => `${schemaPath}/`);
  const faults = withoutAlternatives(errors)
    .filter(({ keyword }) => keyword !== "if" && keyword !== "propertyNames")
    .filter(({ schemaPath }) => !lacking.some((within) => schemaPath.startsWith(within)))
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
      return fault(` must contain ${contained(schema)}`);
    case "not":
      return fault(isObject(schema["not"]) ? excluded(schema["not"]) : " is not allowed");
    case "false schema":
      return { ...fault(" is not allowed here"), at: "key" };
    case "anyOf":
    case "oneOf":
      return fault(
        Array.isArray(params["passingSchemas"])
          ? " fits two alternatives, and one is allowed"
          : ` must be ${alternatives(error)}`,
      );
    case "items":
    case "unevaluatedItems":
    case "additionalItems":
      return fault(` has too many items: ${String(params["limit"])} at most`);
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

function contained({ contains, minContains: least, maxContains: most }: SchemaObject): string {
  const allowed = isObject(contains) ? allowedBy(contains) : "an item";
  if (typeof most === "number") return `from ${Number(least ?? 1)} to ${most} items, each ${allowed}`;
  return typeof least === "number" && least > 1 ? `${least} items or more, each ${allowed}` : allowed;
}

function excluded(schema: SchemaObject): string {
  const { required } = schema;
  if (Array.isArray(required) && Object.keys(schema).length === 1)
    return ` must not have ${listed(required.map(String), "and")}${required.length > 1 ? " together" : ""}`;
  const allowed = allowedBy(schema);
  return allowed === "a value" ? " is not allowed as it is" : ` must not be ${allowed}`;
}

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

function alternatives({ params, parentSchema }: ErrorObject): string {
  const kinds: readonly string[] = Array.isArray(params["kinds"]) ? params["kinds"] : [];
  if (kinds.length > 0) return listed(kinds, "or");
  const description = isObject(parentSchema) ? parentSchema["description"] : undefined;
  return typeof description === "string" ? description : "one of the alternatives in the schema";
}
