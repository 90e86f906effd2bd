/** Names of what belongs to somebody, as the machine knows them. Services have no "/" in theirs, and no two of these are the same. */
import type { ServiceRule } from "../config/layers/service-config.ts";
import type { Service } from "../core/types.ts";

/** What is asked by a rule, by this name: two of different owners may be called the same. */
export const ruleId = ({ rule, ground }: ServiceRule): string => idOf(ground.owner, rule.name);

export const idOf = (owner: Service, name: string): string => `${owner}/${name}`;
