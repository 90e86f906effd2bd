/** The screen of the terminal: what a program that was killed may have left on, and nobody but it would take back. */
import { isatty } from "node:tty";
import { isForeground } from "./modes.ts";

const esc = "\u001b";
const csi = `${esc}[`;
const off = (...modes: number[]): string => modes.map((mode) => `${csi}?${mode}l`).join("");

/**
 * Where nothing was left on it changes nothing, the cursor included: that is saved before each step that would move it.
 * Twice, since some terminals keep one saved cursor for both screens and some one for each.
 */
const asFound = [
  // Back from the alternate screen.
  `${esc}7${off(1049)}`,
  `${esc}7`,
  // Margins, the origin, the scrolling region, insert mode, wrapping, the cursor; cursor and number keys as in a shell.
  `${off(6, 69)}${csi}r${csi}4l${csi}?7h${csi}?25h${off(1)}${esc}>`,
  // Reverse video, mouse and focus events, bracketed paste, frames that are held back, reports of colours and of sizes, keys of Windows.
  off(5, 9, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 2004, 2026, 2031, 2048, 9001),
  // Keys as escape sequences: kitty's protocol, xterm's modifyOtherKeys. Ctrl-C would be one of them.
  `${csi}<9u${csi}>4m`,
  `${esc}8`,
  // Colours, both character sets and which of them is in use: they were saved with the cursor, and came back with it.
  `${csi}0m${esc}(B${esc})B\u000f`,
].join("");
/** A link that is open, the shape of the cursor; Linux's own console may print what it does not know. */
const richAsFound = `${esc}]8;;${esc}\\${csi}0 q`;

export function resetSequence(term: string | undefined): string {
  if (term === undefined || term === "" || term === "dumb") return "";
  return term === "linux" ? asFound : asFound + richAsFound;
}

/** Never while something else has the terminal. */
export function resetScreen(): void {
  const stream = [process.stderr, process.stdout].find((_, index) => isatty(2 - index));
  if (process.platform === "win32" || stream === undefined || !isForeground()) return;
  stream.write(resetSequence(process.env["TERM"]));
}

export function clearScreen(): void {
  if (isatty(2)) process.stderr.write(`${csi}2J${csi}3J${csi}H`);
}
