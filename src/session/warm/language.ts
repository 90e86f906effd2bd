/** What differs between languages in keeping a program warm. */
import type { Stamps } from "../../adapters/warm/stamps.ts";
import type { GateOrder, OrderOfGate, PackageFile, RunRecord, Trial } from "../../gate/order.ts";
import type { Heads } from "./heads.ts";

/** What is known of the run that serves. */
export interface KnownProgram {
  /** Its real path; `undefined`: it is no file. */
  readonly main: string | undefined;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface WarmLanguage {
  /** The environment in which a process meets the gate; the order for it is written into `file`. */
  withGate(env: NodeJS.ProcessEnv, order: OrderOfGate, file: string): NodeJS.ProcessEnv;
  /** Asks a run what it has loaded. Throws where it does not say. */
  ask(recording: GateOrder["recording"], over: AbortSignal): Promise<RunRecord | undefined>;
  /** What its text alone says must be left to the run itself, and why. @param trial `undefined`: there was none yet */
  mentioned(record: RunRecord, trial: Trial | undefined): Map<string, string>;
  /** @returns why nothing may be loaded in advance */
  refusal(record: RunRecord, trial: Trial | undefined): string | undefined;
  /** @param names what was asked for on trial besides, found or not */
  stamps(program: KnownProgram, files: readonly string[], record: RunRecord, names?: readonly string[]): Stamps;
  headsOf(record: RunRecord): Heads;
  /** @returns why other packages may be loaded now, or may find another thing */
  otherHead(heads: Heads): string | undefined;
}

export const filesOf = (entries: readonly PackageFile[]): string[] => entries.map(({ file }) => file);
