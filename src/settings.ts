/** What the configuration and the command line come to: plain settings, as the machine and the adapters want them. */
import type { ReadyCheck } from "./adapters/ready.ts";
import type { Command } from "./command.ts";
import type { Policy } from "./core/types.ts";
import type { Level } from "./report/story.ts";

export interface BuildSettings {
  readonly command: Command;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number | undefined;
}

export interface ProcessSettings {
  readonly command: Command;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Absolute. */
  readonly cwd: string;
  readonly stdin: "auto" | boolean;
  readonly stopSignal: NodeJS.Signals;
  readonly stopTimeoutMs: number;
  readonly sweep: boolean;
}

export interface Settings {
  readonly policy: Policy;
  /** Absolute; where commands run. */
  readonly root: string;
  /** Absolute. */
  readonly tmpDir: string;
  readonly cleanOnExit: boolean;
  readonly build: BuildSettings | undefined;
  readonly process: ProcessSettings | undefined;
  readonly ready: ReadyCheck | undefined;
  readonly readyTimeoutMs: number;
  /** Without a check: alive for so long is ready. */
  readonly aliveMs: number;
  /** What `env_files` say. */
  readonly fileEnv: Readonly<Record<string, string>>;
  readonly clear: boolean;
  readonly level: Level;
  readonly time: boolean;
}
