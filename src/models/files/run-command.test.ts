import { describe, expect, it } from "vitest";
import { runCommand } from "./run-command.ts";

const never = new AbortController().signal;

describe("running a command", () => {
  it("gives its exit code, its complaint and all it wrote", async () => {
    const output: string[] = [];
    const script = "console.log('fine'); console.error('too bad'); process.exitCode = 3";
    const result = await runCommand([process.execPath, "-e", script], never, (text) => output.push(text));
    expect(result).toEqual({ exitCode: 3, complaint: "too bad" });
    expect(output.join("")).toContain("fine");
  });

  it("rejects where there is no such command", async () => {
    await expect(runCommand(["massgen-no-such-command"], never)).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("ends it with the signal", async () => {
    const stop = new AbortController();
    const script = "console.log('begun'); setInterval(() => undefined, 1000)";
    const running = runCommand([process.execPath, "-e", script], stop.signal, () => stop.abort(new Error("enough")));
    await expect(running).rejects.toThrow("enough");
  });
});
