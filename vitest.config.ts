import { defineConfig } from "vitest/config";

const here = (path: string): string => new URL(path, import.meta.url).pathname;

export default defineConfig({
  resolve: {
    alias: [
      { find: /^massgen$/u, replacement: here("src/library/index.ts") },
      { find: /^massgen\/testing$/u, replacement: here("src/testing/index.ts") },
    ],
  },
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts", "examples/**/*.test.ts"],
    restoreMocks: true,
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      exclude: ["src/**/*.test.ts", "src/testing/**", "src/cli/main.ts"],
      reporter: ["text-summary", "html"],
      thresholds: { branches: 90, "src/core/**": { branches: 95 } },
    },
  },
});
