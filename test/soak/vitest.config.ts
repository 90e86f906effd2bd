import { defineConfig } from "vitest/config";

/** `npm run soak`: long, and by chance; what it finds becomes a test of its own. */
export default defineConfig({
  test: {
    globalSetup: "test/rig/setup.ts",
    include: ["test/soak/**/*.test.ts"],
    testTimeout: 600_000,
    // They wait for most of their time.
    maxWorkers: 4,
    hookTimeout: 60_000,
  },
});
