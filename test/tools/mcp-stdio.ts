import { spawn } from "node:child_process";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { testServer } from "./mcp-server.ts";

/** The server as a program. What it is to do wrong is its argument. */
const [, , fault] = process.argv;
if (fault === "refuses") {
  process.stderr.write("Starting…\nError: no folder was given\n");
  process.exit(2);
}
if (fault === "stubborn") {
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => {});
  setInterval(() => {}, 1_000);
}
if (fault === "launcher") {
  const real = spawn(process.execPath, [import.meta.filename, "stubborn"], { stdio: "inherit" });
  process.stderr.write(`${real.pid}\n`);
} else if (fault === "silent") setInterval(() => {}, 1_000);
else serveStdio(testServer);
