import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { broken, cutLine, longestLine, nothingLeft, type Remainder } from "../../src/report/whole-lines.ts";

/** All lines, the last one too, however the text comes in pieces. */
function linesOf(chunks: readonly string[]): string[] {
  let rest: Remainder = nothingLeft;
  const all: string[] = [];
  for (const chunk of chunks) {
    const next = cutLine(rest, chunk);
    all.push(...next.lines);
    rest = next.rest;
  }
  return [...all, ...broken(rest).lines];
}

const esc = "\u001b";

describe("what programs print, as whole lines", () => {
  test("is all of it, in order, wherever it was cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom("a", "b", " ", "\n", "é"), minLength: 1, maxLength: 30 })),
        (chunks) => {
          const text = chunks.join("");
          const expected = text.split("\n");
          if (expected.at(-1)?.trim() === "") expected.pop();
          const blank = (line: string): string => (line.trim() === "" ? "" : line);
          expect(linesOf(chunks)).toEqual(expected.map(blank));
        },
      ),
    );
  });

  test.each<[string, string[], string[]]>([
    ["of a line that is drawn again, the last state", ["10%\r20%", "\r30%\nnext\n"], ["30%", "next"]],
    ["also where it is erased first", [`10%\r${esc}[K20%${esc}[1G${esc}[2K30%`], ["30%"]],
    ["and where it ends with a return", ["one\r\ntwo\r"], ["one", "two"]],
    ["nothing moves the cursor out of the line", [`${esc}[2J${esc}[H${esc}[3Aup${esc}c\n`], ["up"]],
    [
      "colours that last over lines are in each of them, and end in each",
      [`${esc}[31mred\n`, `still${esc}[0m plain\nplain\n`],
      [`${esc}[31mred${esc}[0m`, `${esc}[31mstill${esc}[0m plain`, "plain"],
    ],
  ])("%s", (_, chunks, lines) => {
    expect(linesOf(chunks)).toEqual(lines);
  });

  test("a line that is too long is cut, not within a character", () => {
    const text = Buffer.from(`${"a".repeat(longestLine - 1)}é${"b".repeat(10)}\n`).toString("latin1");
    const lines = linesOf([text]);
    expect(lines.map((line) => line.length)).toEqual([longestLine - 1, 12]);
    expect(lines.join("")).toBe(text.trimEnd());
  });
});
