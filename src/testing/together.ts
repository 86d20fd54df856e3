/** Holds every caller until `count` have come; later ones pass. For replies that must overlap however slow the machine is. */
export function together(count: number): () => Promise<void> {
  let come = 0;
  const all = Promise.withResolvers<void>();
  return () => {
    come += 1;
    if (come === count) all.resolve();
    return all.promise;
  };
}
