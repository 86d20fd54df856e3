import type { JSONObject, LanguageModelV4ProviderTool } from "@ai-sdk/provider";
import type * as z from "zod";
import type { Accepts } from "../../core/facts/attachment.ts";
import type { Experience } from "../experience.ts";
import type { CouncilModel, Sampling } from "../model.ts";

/** What a backend can do at all; a model of it may do less (`catalogue/`). The table in the README is made of these. */
export interface Capabilities {
  /** `native`: ballots by a schema that the provider enforces; `tool`: by a strict tool call; `text`: by labelled lines. */
  readonly ballots: "native" | "tool" | "text";
  /** Whether thinking is shown, apart from the answer. */
  readonly reasoning: boolean;
  readonly images: boolean;
  /** PDF documents. */
  readonly files: boolean;
  /** Functions of ours: MCP servers, tools of the library. */
  readonly tools: boolean;
  /** Whether one request may offer the provider's own tools and functions of ours. */
  readonly mixesTools: boolean;
}

/** Tools that the provider runs itself, as the AI SDK names them. */
export interface OwnTools {
  readonly search?: LanguageModelV4ProviderTool;
  readonly code?: LanguageModelV4ProviderTool;
}

/** How a cloud is asked for its models, which spends nothing. */
export interface Listing {
  readonly url: (baseUrl: string) => string;
  readonly headers: (apiKey: string) => Readonly<Record<string, string>>;
}

/** What a config says that a backend may take in another way. */
export interface Given {
  readonly search: boolean;
  /** Further fields of every request's body. */
  readonly body: JSONObject;
}

/** The same as the backend takes it, with what a person should know: a clause without a full stop. */
export interface Adapted extends Given {
  readonly warning?: string;
  readonly error?: string;
}

/** What a model of a cloud is made with. */
export interface CloudOptions {
  readonly model: string;
  /** The root that paths are put behind; `apiKey` goes to its host and to no other. */
  readonly baseUrl: string;
  readonly apiKey?: string;
  /** The backend's own fields of a config, as its `fields` read them. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Further fields of every request's body, as they are. */
  readonly body?: JSONObject;
  readonly sampling: Sampling;
  readonly search: boolean;
  readonly code: boolean;
  /** Tokens of prompt and output together. */
  readonly contextTokens?: number;
  /** What the model can be sent besides text; by default what the catalogue says of it, as far as the backend passes it on. */
  readonly accepts?: Accepts;
  /** Calls at once. */
  readonly parallel?: number;
  readonly experience?: Experience;
}

/** A cloud as configs, keys, docs and commands know it. Nothing of its package is loaded before `create`. */
export interface Backend {
  /** In configs: `type: claude`. */
  readonly type: string;
  /** For people: `Claude`. */
  readonly title: string;
  /** The company that hears the question. */
  readonly maker: string;
  readonly baseUrl: string;
  /** Of an address without a path: `/v1`. */
  readonly root: string;
  /** A variable that names another address, whose host the key then belongs to. */
  readonly addressVariable?: string;
  /** Variables that may hold the key, in order. */
  readonly variables: readonly string[];
  /** What is asked where a config names no model. */
  readonly model: string;
  /** Fields of a `backend:` section that only this backend knows. */
  readonly fields: z.ZodObject;
  readonly capabilities: Capabilities;
  readonly ownTools: OwnTools;
  /** By default as OpenAI is asked. */
  readonly listing?: Listing;
  /** Looks at what a config says before anything is asked. */
  readonly adapt?: (given: Given) => Adapted;
  /** @throws MassgenError `config` for a key or field that cannot be used */
  readonly create: (options: CloudOptions) => Promise<CouncilModel>;
}
