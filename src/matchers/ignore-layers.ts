/** Ignore files that are in force together: a path is asked about from the nearest to the farthest. */
import type { IgnoreRule, IgnoreRules } from "./ignore-rules.ts";
import { parentOf } from "./pruned.ts";

/** One ignore file in force; the one nearest to a path speaks first. */
export interface Layer {
  readonly rules: IgnoreRules;
  /** What stands before a path relative to `base` to make it relative to the file … */
  readonly prefix: string;
  /** … or how many characters of it to leave out. */
  readonly strip: number;
  readonly outer: Layer | undefined;
}

/** Names that no pattern was written for, without a common beginning or end: `z*` is not about everything. */
const anyName = "zz-any name";
const otherName = "Whatever.it_is";

/**
 * The same rules but those that hide all that is in a directory which was named: `gen/*` and `gen/**` say of `gen` what `gen/` says,
 * and so does `*` in its own ignore file. A rule for everything everywhere is not about this directory.
 * @param withOwn the directory's own file is among them
 */
export function unhidden(innermost: Layer | undefined, directory: string, withOwn: boolean): Layer | undefined {
  let layers = innermost;
  for (;;) {
    const inIt = (name: string): string => (directory === "" ? name : `${directory}/${name}`);
    const hiding = deciding(layers, inIt(anyName));
    if (hiding === undefined || hiding.rule.isNegative) return layers;
    if (deciding(layers, inIt(otherName))?.rule !== hiding.rule) return layers;
    const { layer, rule } = hiding;
    const inFile = layer.strip > 0 ? directory.slice(layer.strip) : (layer.prefix + directory).replace(/\/$/, "");
    if (inFile === "" && !withOwn) return layers;
    if (inFile !== "") {
      const above = parentOf(inFile);
      const beside = layer.rules.match(above === "" ? anyName : `${above}/${anyName}`, false);
      const isGeneral = beside === rule && layer.rules.match(inFile, true) !== rule;
      if (isGeneral) return layers;
    }
    layers = replaced(layers, layer, { ...layer, rules: layer.rules.without(rule) });
  }
}

function deciding(innermost: Layer | undefined, path: string): { layer: Layer; rule: IgnoreRule } | undefined {
  for (let layer = innermost; layer !== undefined; layer = layer.outer) {
    const rule = matchOne(layer, path, false);
    if (rule !== undefined) return { layer, rule };
  }
  return undefined;
}

function replaced(innermost: Layer | undefined, old: Layer, by: Layer): Layer | undefined {
  if (innermost === undefined || innermost === old) return by;
  return { ...innermost, outer: replaced(innermost.outer, old, by) };
}

export const positive = (rule: IgnoreRule | undefined): IgnoreRule | undefined => (rule?.isNegative ? undefined : rule);

export function layered(
  rules: IgnoreRules | undefined,
  prefix: string,
  strip: number,
  outer: Layer | undefined,
): Layer | undefined {
  return rules === undefined || rules.size === 0 ? outer : { rules, prefix, strip, outer };
}

export function matchIn(innermost: Layer | undefined, path: string, isDirectory: boolean): IgnoreRule | undefined {
  for (let layer = innermost; layer !== undefined; layer = layer.outer) {
    const rule = matchOne(layer, path, isDirectory);
    if (rule !== undefined) return rule;
  }
  return undefined;
}

const matchOne = (layer: Layer, path: string, isDirectory: boolean): IgnoreRule | undefined =>
  layer.rules.match(layer.strip > 0 ? path.slice(layer.strip) : layer.prefix + path, isDirectory);

/** As `matchIn`, for a directory above the base: `path` is relative to the repository's top, from which the base is `baseLength` characters away. */
export function matchAbove(innermost: Layer, path: string, baseLength: number): IgnoreRule | undefined {
  for (let layer: Layer | undefined = innermost; layer !== undefined; layer = layer.outer) {
    const skip = baseLength - layer.prefix.length;
    const rule = path.length > skip ? layer.rules.match(path.slice(skip), true) : undefined;
    if (rule !== undefined) return rule;
  }
  return undefined;
}
