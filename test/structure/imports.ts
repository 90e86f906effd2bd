/** What a file imports, in whatever form it is written, and what of it its row does not allow. */
import { dirname, join, normalize } from "node:path";
import { parseAst } from "rolldown/parseAst";
import { type Row, table } from "./table.ts";

/** Everything that a file reaches for. */
interface Reached {
  readonly modules: readonly string[];
  /** `import(name)`: somewhere a module is imported whose name is not written there. */
  readonly byName: boolean;
  /** `process.env` → `env`; `process` itself, handed on whole, → `*`. */
  readonly process: readonly string[];
  readonly hasDefaultExport: boolean;
}

const object = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

export function reachedBy(text: string): Reached {
  const modules: string[] = [];
  const asked: string[] = [];
  let byName = false;
  let hasDefaultExport = false;
  const take = (source: unknown): void => {
    if (source === null || source === undefined) return;
    if (object(source) && typeof source["value"] === "string") modules.push(source["value"]);
    else if (object(source) && source["type"] === "TSLiteralType") take(source["literal"]);
    else if (
      object(source) &&
      source["type"] === "TemplateLiteral" &&
      Array.isArray(source["quasis"]) &&
      source["quasis"].length === 1
    )
      take({ value: source["quasis"][0]?.value?.cooked });
    else byName = true;
  };
  const walk = (node: unknown, parent: unknown): void => {
    if (Array.isArray(node)) {
      for (const each of node) walk(each, parent);
      return;
    }
    if (!object(node)) return;
    switch (node["type"]) {
      case "ImportDeclaration":
      case "ExportAllDeclaration":
      case "ExportNamedDeclaration":
      case "ImportExpression":
        take(node["source"]);
        break;
      case "TSImportType":
        take(node["source"] ?? node["argument"]);
        break;
      case "TSExternalModuleReference":
        take(node["expression"]);
        break;
      case "ExportDefaultDeclaration":
        hasDefaultExport = true;
        break;
      case "CallExpression": {
        const callee = node["callee"];
        const name = object(callee) ? callee["name"] : undefined;
        if (name === "require" || name === "createRequire")
          take(Array.isArray(node["arguments"]) ? node["arguments"][0] : undefined);
        break;
      }
      case "Identifier":
        if (node["name"] === "process" || node["name"] === "globalThis") asked.push(askedOf(node, parent));
        break;
    }
    for (const [key, value] of Object.entries(node)) if (key !== "type") walk(value, node);
  };
  const askedOf = (node: object, parent: unknown): string => {
    if (!object(parent) || parent["type"] !== "MemberExpression") return isName(node, parent) ? "" : "*";
    if (parent["object"] !== node) return parent["computed"] === true ? "*" : "";
    const property = parent["property"];
    const name = object(property) ? (property["name"] ?? property["value"]) : undefined;
    return typeof name === "string" ? name : "*";
  };
  walk(parseAst(text, { lang: "ts" }), undefined);
  return { modules, byName, process: [...new Set(asked.filter((name) => name !== ""))], hasDefaultExport };
}

/** A property, a parameter or a type of that name is not the process. */
function isName(node: object, parent: unknown): boolean {
  if (!object(parent)) return false;
  if (parent["type"] === "Property") return parent["key"] === node && parent["shorthand"] !== true;
  return (
    ["TSPropertySignature", "PropertyDefinition", "VariableDeclarator", "MethodDefinition"].includes(
      String(parent["type"]),
    ) &&
    (parent["key"] === node || parent["id"] === node)
  );
}

/** The row of a path below `src`. */
export function rowOf(path: string): Row | undefined {
  const fits = table.filter(({ of }) => path === of || path.startsWith(`${of}/`));
  return fits.sort((a, b) => b.of.length - a.of.length)[0];
}

/** What a file does that its row does not allow, as sentences. */
export function violations(path: string, text: string): string[] {
  const row = rowOf(path);
  if (row === undefined) return [`${path}: no row of test/structure/table.ts stands for it`];
  const reached = reachedBy(text);
  const found: string[] = [];
  for (const module of reached.modules) {
    const why = refused(row, path, module);
    if (why !== undefined) found.push(`${path} imports ${module}: ${why}`);
  }
  if (reached.byName && row.importsByName !== true)
    found.push(`${path} imports a module whose name is not written there`);
  const allowed = row.process ?? [];
  for (const name of reached.process)
    if (allowed !== true && !allowed.includes(name)) found.push(`${path} uses process.${name}: it is to be handed in`);
  if (reached.hasDefaultExport) found.push(`${path} has a default export`);
  return found;
}

function refused(row: Row, path: string, module: string): string | undefined {
  if (module.startsWith("node:"))
    return row.node === true || row.node.includes(module) ? undefined : `${row.of} may not use this module of Node`;
  if (!module.startsWith(".")) {
    const name = module
      .split("/")
      .slice(0, module.startsWith("@") ? 2 : 1)
      .join("/");
    return row.packages?.includes(name) === true ? undefined : `${row.of} may not use this package`;
  }
  const target = normalize(join(dirname(path), module));
  const other = rowOf(target);
  if (other === undefined) return "no row stands for it";
  return other.of === row.of || row.may.includes(other.of) ? undefined : `${row.of} may not import from ${other.of}`;
}
