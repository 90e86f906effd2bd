import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    globalSetup: "test/rig/setup.ts",
    include: ["test/**/*.test.ts"],
    exclude: ["test/soak/**", "test/bench/**"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Real processes and real files: they wait for each other a third of the time. With more than this, some wait for longer than their limits.
    maxWorkers: 3,
  },
});
