/** As much of `fetch` as is needed here. */
export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** No answer of a server may be larger: it would take the memory of everything else. */
const MOST_BYTES = 8 * 1024 * 1024;

/**
 * A `fetch` whose responses break off where they become too large.
 * @param onTooMuch hears why: the client waits on for an answer that will not come
 */
export function boundedFetch(fetch: Fetch, onTooMuch: (error: Error) => void): Fetch {
  return async (url, init) => {
    const response = await fetch(url, init);
    if (response.body === null) return response;
    let bytes = 0;
    const counted = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          bytes += chunk.byteLength;
          if (bytes <= MOST_BYTES) return controller.enqueue(chunk);
          const error = new Error(`its server sent more than ${MOST_BYTES / 1024 / 1024} MB at once`);
          controller.error(error);
          onTooMuch(error);
        },
      }),
    );
    const { status, statusText, headers } = response;
    return new Response(counted, { status, statusText, headers: new Headers([...headers]) });
  };
}
