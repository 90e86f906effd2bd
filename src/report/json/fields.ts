/** Members that several events have. */
import { type JobId, jobName } from "../../core/job.ts";
import type { Problem } from "../../core/problem.ts";
import type { Exit, Service } from "../../core/types.ts";
import type { JsonEvent } from "../events.ts";

export const problemFields = ({ code, severity, message, place, origin, hint }: Problem): JsonEvent => ({
  event: "problem",
  code,
  severity,
  message,
  file: place?.file ?? null,
  line: place?.line ?? null,
  column: place?.column ?? null,
  origin: origin ?? null,
  hint: hint ?? null,
});

export const serviceField = (service: Service): { service?: string } => (service === "" ? {} : { service });

export const jobFields = (job: JobId): { job: string; service?: string } => ({
  job: jobName(job),
  ...serviceField(job.service),
});

export const reasonFields = (reason: string | undefined): { reason?: string } =>
  reason === undefined ? {} : { reason };

export function exitFields(exit: Exit): { code?: number; signal?: string; error?: string } {
  switch (exit.is) {
    case "code":
      return { code: exit.code };
    case "signal":
      return { signal: exit.signal };
    case "unstartable":
      return { error: exit.message };
  }
}

export const whole = (ms: number): number => Math.round(ms * 10) / 10;
