/** Whatever is written: the guard lets through what others find valid, and nothing else. */
import { describe, expect, test } from "vitest";
import { createSchemaCheck } from "../../src/rules/check.ts";
import { formats, schema, settings } from "../live/formats.ts";
import { expected, mutated, randomFrom, stricter } from "../live/mutations.ts";
import { newProject } from "../rig/project.ts";

describe.each(formats)("$format", ({ format, file, text }) => {
  test("200 mutated files: each goes on as what others read in it, or is held back at its line", async () => {
    using project = newProject({ "schema.json": JSON.stringify(schema) });
    const guard = createSchemaCheck({ path: project.path("schema.json"), name: "schema.json" }, { restMs: 0 });
    const random = randomFrom(4242);
    let source = text(settings);
    const passed = { right: 0, wrong: 0 };
    for (let round = 0; round < 200; round += 1) {
      const edited = mutated(source, random);
      // Names in an env file are as they stand: whose prefix they have is for the program to know.
      const others = expected(format, edited, (name) => name);
      if (random(3) > 0 || others === undefined) source = text(settings);
      project.write(file, edited);
      const outcome = await guard.check([{ path: project.path(file), name: file }]);
      const problems = outcome.is === "checked" ? (outcome.files[0]?.problems ?? []) : outcome.problems;
      passed[problems.length === 0 ? "right" : "wrong"] += 1;
      if (problems.length === 0) expect(others, edited).toBeDefined();
      else if (others !== undefined) expect(problems[0]?.message, edited).toMatch(stricter);
      for (const { message, hint, place } of problems) {
        expect(place?.line, edited).toBeGreaterThan(0);
        // But where the slip made it a part of a key, or took its name away.
        if (!/unknown key/.test(message) && edited.includes("password"))
          expect(`${message} ${hint} ${place?.text}`, edited).not.toContain("hunter2");
      }
    }
    expect(Math.min(passed.right, passed.wrong)).toBeGreaterThan(20);
  });
});
