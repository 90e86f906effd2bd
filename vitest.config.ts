import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    globalSetup: "test/rig/setup.ts",
    include: ["test/**/*.test.ts"],
    exclude: ["test/soak/**", "test/bench/**"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Real processes and real files: more workers than cores only make each other wait.
    maxWorkers: 2,
  },
});
