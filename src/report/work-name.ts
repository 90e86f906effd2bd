/** How what is executed to an end is called where it matters which one it is: `build`, `hook before_build`, `rule *.templ`. */
import type { House } from "../core/house.ts";
import { type JobId, jobName } from "../core/job.ts";
import type { Maker, Plan, Service } from "../core/types.ts";
import { isUnderWay } from "../core/work.ts";
import { printable } from "./words.ts";

const longestName = 30;

export function workName(kind: JobId["kind"], label: string | undefined): string {
  if (label === undefined) return kind;
  const name = printable(label);
  return `${kind} ${name.length > longestName ? `${name.slice(0, longestName - 1)}…` : name}`;
}

/** Whose it is where it belongs to another service. */
export const makerName = ({ kind, label, service: owner }: Maker, service: Service): string =>
  `${workName(kind, label)}${owner === "" || owner === service ? "" : ` of ${owner}`}`;

/** Of a job that is under way. */
export function nameOfWork({ works }: House, job: JobId, { recipes }: Plan): string {
  const name = jobName(job);
  const found = [...works].find(([, work]) => isUnderWay(work) && jobName(work.job) === name);
  return workName(job.kind, found === undefined ? undefined : recipes.get(found[0])?.label);
}
