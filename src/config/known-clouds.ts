import { backends } from "../models/backends/backends.ts";
import { type ChatProvider, chatProviders } from "../models/backends/chatcompletion/providers.ts";

/** A provider that is known by its hosts, whatever interface of it is spoken. */
export type KnownCloud = Pick<ChatProvider, "title" | "hosts" | "variables" | "model">;

export const knownClouds: readonly KnownCloud[] = [
  ...Object.values(backends).map(({ title, baseUrl, variables, model }) => ({
    title,
    hosts: [new URL(baseUrl).hostname],
    variables,
    model,
  })),
  ...chatProviders,
];

/** By the very host: an address that merely contains it is another's. */
export function knownCloudAt(baseUrl: string): KnownCloud | undefined {
  const { hostname } = new URL(baseUrl);
  return knownClouds.find(({ hosts }) => hosts.includes(hostname));
}
