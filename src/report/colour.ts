/** Whether a stream gets colours: flag > `FORCE_COLOR` > `NO_COLOR` > `TERM=dumb` > is it a terminal. Decided for each stream by itself. */
import picocolors from "picocolors";

export type Colors = ReturnType<typeof picocolors.createColors>;
export type ColorMode = "auto" | "always" | "never";

interface Target {
  readonly isTTY?: boolean;
}

/** picocolors itself takes `FORCE_COLOR=0` and any `CI` for "on" and looks at stdout alone, so only its palette is used. */
export function hasColor(mode: ColorMode, env: Readonly<Record<string, string | undefined>>, stream: Target): boolean {
  if (mode !== "auto") return mode === "always";
  const force = env["FORCE_COLOR"];
  if (force !== undefined && force !== "") return force !== "0" && force !== "false";
  const no = env["NO_COLOR"];
  if (no !== undefined && no !== "") return false;
  if (env["TERM"] === "dumb") return false;
  return stream.isTTY === true;
}

export const palette = (isOn: boolean): Colors => picocolors.createColors(isOn);
