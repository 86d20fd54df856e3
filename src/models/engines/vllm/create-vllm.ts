import type { Engine, EngineAddress } from "../engine.ts";

export function createVllm(address: EngineAddress): Engine {
  throw new Error(`${address.baseUrl}: not merged yet`);
}
