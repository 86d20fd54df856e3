import { expect, test } from "vitest";
import type { RunCommand } from "../../models/files/run-command.ts";
import { graphicsBytes, lookAtGraphics } from "./graphics.ts";

const never = new AbortController().signal;
const linux = { platform: "linux", arch: "x64" } as const;
const missing = Object.assign(new Error("spawn ENOENT"), { code: "ENOENT" });

function tools(says: Readonly<Record<string, string>>): RunCommand {
  return async ([name], _signal, hear) => {
    const said = says[name];
    if (said === undefined) throw missing;
    hear?.(said);
    return { exitCode: 0, complaint: "" };
  };
}

test("cards of NVIDIA and AMD, with their memory", async () => {
  const run = tools({
    "nvidia-smi": "NVIDIA GeForce RTX 4090, 24564\nNVIDIA A100, 81920\n",
    "rocm-smi": JSON.stringify({ card0: { "Card series": "Radeon RX 7900", "VRAM Total Memory (B)": "25753026560" } }),
  });
  const graphics = await lookAtGraphics({ ...linux, run }, never);
  expect(graphics).toEqual({
    type: "cards",
    cards: [
      { name: "NVIDIA GeForce RTX 4090", memoryBytes: 24_564 * 2 ** 20 },
      { name: "NVIDIA A100", memoryBytes: 81_920 * 2 ** 20 },
      { name: "Radeon RX 7900", memoryBytes: 25_753_026_560 },
    ],
  });
  expect(graphicsBytes(graphics)).toBe((24_564 + 81_920) * 2 ** 20 + 25_753_026_560);
});

test("no tool is no proof, and Apple's chips share", async () => {
  expect(await lookAtGraphics({ ...linux, run: tools({}) }, never)).toEqual({ type: "none" });
  expect(await lookAtGraphics({ ...linux, run: tools({ "nvidia-smi": "oops", "rocm-smi": "{" }) }, never)).toEqual({ type: "none" });
  expect(await lookAtGraphics({ platform: "darwin", arch: "arm64", run: tools({}) }, never)).toEqual({ type: "shared" });
});

test("a tool that hangs is unknown, not absent", async () => {
  const run: RunCommand = async ([name]) => (name === "nvidia-smi" ? new Promise(() => {}) : Promise.reject(missing));
  const graphics = await lookAtGraphics({ ...linux, run }, never);
  expect(graphics).toMatchObject({ type: "unknown", why: expect.stringContaining("nvidia-smi did not answer") as string });
  expect(graphicsBytes(graphics)).toBeUndefined();
});
