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

/** By the very host at its usual port: an address that merely contains it is another's, and so may be what listens at another port. */
export function knownCloudAt(baseUrl: string): KnownCloud | undefined {
  const { host } = new URL(baseUrl);
  return knownClouds.find(({ hosts }) => hosts.includes(host));
}
