/** Rules from one version of the configuration to the next: which are new, and what is to be made because of that. */

import type { Touch } from "../keys/keys.ts";
import type { RuleConfig } from "../keys/rule-kinds.ts";
import type { ServiceRule } from "../layers/service-config.ts";

const textOf = (value: unknown): string => JSON.stringify(value) ?? "";

/** What a rule makes is not there yet where it is carried out at the start, and it or its command is new. The others are asked with the next change. */
export function touchedByRules(before: readonly ServiceRule[], after: readonly ServiceRule[]): readonly Touch[] {
  if (textOf(before) === textOf(after)) return [];
  const made = new Set(before.flatMap(makes));
  return after.flatMap(makes).every((each) => made.has(each)) ? ["watch"] : ["watch", "rules", "rebuild"];
}

const makes = ({ rule: { name, match, run, atStart }, ground }: ServiceRule): string[] =>
  run.length > 0 && atStart ? [textOf([name, match, run, ground.root])] : [];

/** `gen added, styles changed`; each by its name. */
export function describeRules(before: readonly RuleConfig[], after: readonly RuleConfig[]): string {
  const [were, are] = [before, after].map((rules) => new Map(rules.map((rule) => [rule.name, textOf(rule)])));
  const said = [
    ...[...(are ?? [])].flatMap(([name, text]) => {
      const was = were?.get(name);
      return was === undefined ? [`${name} added`] : was === text ? [] : [`${name} changed`];
    }),
    ...[...(were?.keys() ?? [])].flatMap((name) => (are?.has(name) === true ? [] : [`${name} removed`])),
  ];
  return said.length > 0 ? said.join(", ") : "in another order";
}
