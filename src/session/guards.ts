/** `[[rule]] schema`: which rules guard files, and whether their schemas can be used. What reads schemas is loaded with the first of them. */
import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import type { KeyComplaint } from "../config/check/checks.ts";
import type { RuleConfig } from "../config/keys/rule-kinds.ts";
import type { Effectives } from "../config/layers/layers.ts";
import type { LoadedConfig } from "../config/layers/load.ts";
import type { ServiceConfig } from "../config/layers/service-config.ts";
import { wholePart } from "../core/errors.ts";
import type { Problem } from "../core/problem.ts";
import type { Service } from "../core/types.ts";
import type { SchemaCheck } from "../rules/check.ts";
import { ruleId } from "./rule-id.ts";

export interface GuardSchema {
  /** Absolute. */
  readonly path: string;
  /** As it is written. */
  readonly name: string;
}

/** What matches the rule has to satisfy the schema, before this service reads it. */
export interface GuardingRule {
  readonly service: Service;
  readonly rule: string;
  readonly match: readonly string[];
  readonly schema: GuardSchema;
}

export const guardsOf = ({ name: service, rules }: ServiceConfig): readonly GuardingRule[] =>
  rules.flatMap((one) => {
    const { schema, match } = one.rule;
    if (schema === undefined) return [];
    return [{ service, rule: ruleId(one), match, schema: { path: resolve(one.ground.root, schema), name: schema } }];
  });

export const guardedBy = ({ services }: LoadedConfig): readonly GuardingRule[] =>
  [...services.values()].flatMap(guardsOf);

export interface Guards {
  /** Why they cannot guard: what is wrong with the rules of this version, and with their schemas. */
  problems(loaded: LoadedConfig): Promise<readonly Problem[]>;
  /** One for each schema. */
  of(schema: GuardSchema): Promise<SchemaCheck>;
}

export function createGuards(): Guards {
  const guards = new Map<string, Promise<SchemaCheck>>();
  const of = (schema: GuardSchema): Promise<SchemaCheck> => {
    const own =
      guards.get(schema.path) ??
      wholePart(import("../rules/check.ts"), "createSchemaCheck").then(({ createSchemaCheck }) =>
        createSchemaCheck(schema),
      );
    guards.set(schema.path, own);
    return own;
  };
  return {
    of,
    async problems(loaded) {
      const rules = guardedBy(loaded);
      if (rules.length === 0) return [];
      const tops = { effectives: loaded.effectives, rules: loaded.config.rule, root: loaded.root };
      const named = [...loaded.services.values()].filter(({ name }) => name !== "");
      const owners = [
        tops,
        ...named.map(({ effectives, config, ground }) => ({ effectives, rules: config.rule, root: ground.root })),
      ];
      const complaints = (await Promise.all(owners.map(problemsAbout))).flat();
      if (complaints.length > 0) return complaints;
      const schemas = new Map(rules.map(({ schema }) => [schema.path, schema]));
      const reviews = await Promise.all([...schemas.values()].map(async (schema) => (await of(schema)).review()));
      return reviews.flatMap(({ problems }) => problems);
    },
  };
}

/** What can be said of rules without reading a schema. */
async function problemsAbout({ effectives, rules, root }: Owner): Promise<readonly Problem[]> {
  const { formatOf, knownFormats } = await wholePart(import("../rules/format.ts"), "formatOf");
  const complaints = rules.flatMap(({ schema, match }, index): KeyComplaint[] => {
    if (schema === undefined) return [];
    if (!existsSync(resolve(root, schema)))
      return [{ key: "rule", message: `schema: there is no file ${JSON.stringify(schema)}`, part: [index, "schema"] }];
    const isUnreadable = (pattern: string): boolean => saysFormat(pattern) && formatOf(pattern) === undefined;
    return match.filter(isUnreadable).map((pattern) => ({
      key: "rule",
      message: `match: what ${JSON.stringify(pattern)} matches is of no format that a schema can be held against`,
      hint: `known: ${knownFormats}`,
      part: [index, "match", ...(match.length > 1 ? [match.indexOf(pattern)] : [])],
    }));
  });
  if (complaints.length === 0) return [];
  const { problemOfKey: problemOf } = await import("../config/check/complain.ts");
  return Promise.all(complaints.map((complaint) => problemOf(effectives, complaint)));
}

/** Whose rules they are. */
interface Owner {
  readonly effectives: Effectives;
  readonly rules: readonly RuleConfig[];
  readonly root: string;
}

/** The pattern says by itself how its files end. */
function saysFormat(pattern: string): boolean {
  if (pattern.startsWith("!")) return false;
  const name = basename(pattern);
  return !/[*?[\]{}]/.test(name) || /\.\w+$/.test(name);
}
