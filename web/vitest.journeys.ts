import { defineConfig } from "vitest/config";

/** Journeys: real Chromium against the real rendezvous, one after another, because two cores carry one meeting at a time. */
export default defineConfig({
  test: {
    include: ["journeys/**/*.test.ts"],
    globalSetup: ["journeys/harness/setup.ts"],
    environment: "node",
    fileParallelism: false,
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
    reporters: ["verbose"],
  },
});
