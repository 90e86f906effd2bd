import type { ConfigError } from "./types.ts";

/** What belongs to the program that asks. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** For an error that nobody listens to. */
  warn(error: ConfigError): void;
}
