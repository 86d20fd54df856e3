/** Prints the closing line of a CI run from vitest's JSON report; a run that never got to its tests counts as one failure. */
import { existsSync, readFileSync } from "node:fs";

const [file = ""] = process.argv.slice(2);
const { numPassedTests, numFailedTests } = existsSync(file)
  ? JSON.parse(readFileSync(file, "utf8"))
  : { numPassedTests: 0, numFailedTests: 1 };
process.stdout.write(`${numPassedTests} passed, ${numFailedTests} failed\n`);
