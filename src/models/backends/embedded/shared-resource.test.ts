import { describe, expect, it } from "vitest";
import { createSharedResource } from "./shared-resource.ts";

function counted(): { readonly log: string[]; readonly open: () => Promise<string>; readonly dispose: () => Promise<void> } {
  const log: string[] = [];
  return {
    log,
    open: async () => {
      log.push("open");
      return "it";
    },
    dispose: async () => {
      log.push("dispose");
    },
  };
}

describe("a shared resource", () => {
  it("is opened once for all who join, and disposed of when the last leaves", async () => {
    const { log, open, dispose } = counted();
    const shared = createSharedResource(open, dispose);
    expect(await Promise.all([shared.join(), shared.join()])).toEqual(["it", "it"]);
    await shared.leave();
    expect(log).toEqual(["open"]);
    await shared.leave();
    expect(log).toEqual(["open", "dispose"]);
  });

  it("opens anew after it was disposed of", async () => {
    const { log, open, dispose } = counted();
    const shared = createSharedResource(open, dispose);
    await shared.join();
    const left = shared.leave();
    const again = shared.join();
    await Promise.all([left, again]);
    expect(log).toEqual(["open", "dispose", "open"]);
  });

  it("is disposed of after an opening that nobody waited for", async () => {
    const { log, open, dispose } = counted();
    const shared = createSharedResource(open, dispose);
    const opening = shared.join();
    await shared.leave();
    await opening;
    expect(log).toEqual(["open", "dispose"]);
  });

  it("tries again after a failure", async () => {
    let failing = true;
    const shared = createSharedResource(
      async () => {
        if (failing) throw new Error("no memory");
        return "it";
      },
      async () => undefined,
    );
    await expect(shared.join()).rejects.toThrow("no memory");
    await shared.leave();
    failing = false;
    expect(await shared.join()).toBe("it");
  });
});
