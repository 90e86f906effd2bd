import { defineConfig } from "vitest/config";

/** What is broken by hand, one line at a time, is run against these: few random histories each, for there are many mutants. */
export default defineConfig({
  test: {
    include: ["test/core/**/*.test.ts"],
    env: { RELOAD_TEST_RUNS: "40" },
    testTimeout: 60_000,
  },
});
