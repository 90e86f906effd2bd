/** Standbys that are loaded when the first program is to be kept warm. */
import { reasonOf, wholePart } from "../../core/errors.ts";
import type { House } from "../../core/house.ts";
import type { Warm, WarmParts } from "./warm.ts";

export interface LateWarm {
  /** Loads them, for a start that asks for it: it counts from the next start on. */
  asked(): Warm | undefined;
  turned(house: House): void;
  close(): Promise<void>;
}

/** @param create what the first version of the configuration asked for is loaded before anything starts */
export function lateWarm(
  parts: WarmParts,
  create: ((parts: WarmParts) => Warm) | undefined,
  warn: (message: string, hint: string) => void,
): LateWarm {
  let warm = create?.(parts);
  let isLoading = false;
  return {
    asked() {
      if (warm === undefined && !isLoading) {
        isLoading = true;
        // An edit has asked for it.
        void wholePart(import("./warm.ts"), "createWarm").then(
          ({ createWarm }) => {
            warm = createWarm(parts);
          },
          (error: unknown) => warn(`warm: every start stays cold: ${reasonOf(error)}`, "start reload again"),
        );
      }
      return warm;
    },
    turned: (house) => warm?.turned(house),
    close: async () => warm?.close(),
  };
}
