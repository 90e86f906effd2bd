import { describe, expect, test } from "vitest";
import { hasColor } from "../../src/report/colour.ts";

const terminal = { isTTY: true };
const pipe = {};

describe("colour", () => {
  test.each([
    ["a terminal has it", "auto", {}, terminal, true],
    ["a pipe has not", "auto", {}, pipe, false],
    ["a pipe in CI has not either", "auto", { CI: "1" }, pipe, false],
    ["FORCE_COLOR gives it to a pipe", "auto", { FORCE_COLOR: "1" }, pipe, true],
    ["FORCE_COLOR=0 takes it away", "auto", { FORCE_COLOR: "0" }, terminal, false],
    ["FORCE_COLOR wins over NO_COLOR", "auto", { FORCE_COLOR: "1", NO_COLOR: "1" }, pipe, true],
    ["NO_COLOR takes it away", "auto", { NO_COLOR: "1" }, terminal, false],
    ["an empty NO_COLOR says nothing", "auto", { NO_COLOR: "" }, terminal, true],
    ["a dumb terminal has none", "auto", { TERM: "dumb" }, terminal, false],
    ["the flag wins over everything", "always", { NO_COLOR: "1" }, pipe, true],
    ["so does its opposite", "never", { FORCE_COLOR: "1" }, terminal, false],
  ] as const)("%s", (_, mode, env, stream, expected) => {
    expect(hasColor(mode, env, stream)).toBe(expected);
  });
});
