/** What is executed has a name: by service, kind and number, so that a late fact about an old one is never taken for a new one. */

export interface JobId {
  /** "" for the nameless one, where there is only one. */
  readonly service: string;
  readonly kind: "check" | "rule" | "hook" | "build" | "run";
  /** Counted from 1, for each service and kind. */
  readonly number: number;
}

/** `api/run/3`, of the nameless service `run/3`: the same job has the same name everywhere, and no two jobs share one. */
export const jobName = ({ service, kind, number }: JobId): string =>
  service === "" ? `${kind}/${number}` : `${service}/${kind}/${number}`;

/** The same as one word, beginning with the kind: `run3`, `run3@api`. It stands in cookies and records, where runs are looked for by how they begin. */
export const jobToken = ({ service, kind, number }: JobId): string =>
  `${kind}${number}${service === "" ? "" : `@${service}`}`;
