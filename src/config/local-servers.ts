import { reachOf } from "./base-url.ts";

/** An engine that people run on their own machine, by the port it listens on unless told otherwise. */
export interface LocalServer {
  readonly port: number;
  readonly name: string;
  /** The command that starts it. */
  readonly start: string;
}

/** In the order in which they are preferred. */
export const localServers: readonly LocalServer[] = [
  { port: 1234, name: "LM Studio", start: "lms server start" },
  { port: 8080, name: "llama.cpp", start: "llama-server -m FILE.gguf" },
  { port: 11434, name: "Ollama", start: "ollama serve" },
  { port: 8000, name: "vLLM", start: "vllm serve MODEL" },
  { port: 30000, name: "SGLang", start: "python -m sglang.launch_server --model-path MODEL" },
];

export function localAddress({ port }: LocalServer): string {
  return `http://127.0.0.1:${port}/v1`;
}

/** How to start what should listen at `baseUrl`. */
export function startHint(baseUrl: string): string {
  const { port } = new URL(baseUrl);
  const server = reachOf(baseUrl) === "loopback" ? localServers.find((one) => String(one.port) === port) : undefined;
  if (server === undefined) return "Start the server, or correct its address (base_url).";
  return `Start it (${server.name}: ${server.start}), or correct its address (base_url).`;
}
