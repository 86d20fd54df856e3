import { defineConfig } from "vitest/config";

const here = (path: string): string => new URL(path, import.meta.url).pathname;

/** What looks at its own process: which modules it has loaded, with which environment; and real models, which leave memory behind. */
const alone = ["src/models/http/dispatcher.test.ts", "test/wire/loading.test.ts", "test/real/**/*.test.ts"];

export default defineConfig({
  resolve: {
    alias: [
      { find: /^massgen$/u, replacement: here("src/library/index.ts") },
      { find: /^massgen\/testing$/u, replacement: here("src/testing/index.ts") },
    ],
  },
  test: {
    restoreMocks: true,
    // Most files share a process, one after the other: loading everything anew for each took most of the time.
    projects: [
      {
        extends: true,
        test: {
          name: "together",
          isolate: false,
          include: ["src/**/*.test.ts", "test/**/*.test.ts", "examples/**/*.test.ts"],
          exclude: alone,
        },
      },
      { extends: true, test: { name: "alone", include: alone } },
    ],
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      exclude: ["src/**/*.test.ts", "src/testing/**", "src/cli/main.ts"],
      reporter: ["text-summary", "html"],
      thresholds: { branches: 90, "src/core/**": { branches: 95 } },
    },
  },
});
