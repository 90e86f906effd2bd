/** Lines for who hears them: `ACCESSIBLE=1`, which several programs know. A screen reader would read signs out by their names. */

export const isSpoken = ({ ACCESSIBLE = "" }: NodeJS.ProcessEnv): boolean => !["", "0", "false"].includes(ACCESSIBLE);

const words: readonly (readonly [RegExp, string])[] = [
  [/✖ /g, "error: "],
  [/▲ /g, "warning: "],
  [/[●○] /g, ""],
  [/ [→·] /g, ", "],
];

/** Signs are painted, each by itself. */
const painted = /\u001b\[[\d;]*m([✖▲●○→·])\u001b\[[\d;]*m/g;

export const spoken = (text: string): string =>
  words.reduce((all, [sign, word]) => all.replaceAll(sign, word), text.replaceAll(painted, "$1"));
