import fc from "fast-check";
import { expect, test } from "vitest";
import { type JobId, jobName } from "../../src/core/job.ts";

const job: fc.Arbitrary<JobId> = fc.record({
  service: fc.oneof(fc.constant(""), fc.constantFrom("api", "web", "run", "build", "worker-2")),
  kind: fc.constantFrom("check", "rule", "hook", "build", "run"),
  number: fc.integer({ min: 1, max: 30 }),
});

test("two jobs share a name only if they are the same one", () => {
  expect(jobName({ service: "", kind: "run", number: 3 })).toBe("run/3");
  expect(jobName({ service: "api", kind: "run", number: 3 })).toBe("api/run/3");
  fc.assert(fc.property(job, job, (a, b) => (jobName(a) === jobName(b)) === isSame(a, b)));
});

const isSame = (a: JobId, b: JobId): boolean => a.service === b.service && a.kind === b.kind && a.number === b.number;
