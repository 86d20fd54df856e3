const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/**
 * Milliseconds of `90` (seconds), `"90s"`, `"10m"`, `"1.5h"`, `"1h30m"`.
 * @returns undefined for anything else, and for what is not longer than nothing
 */
export function parseDuration(value: number | string): number | undefined {
  const text = String(value).trim();
  const total = /^\d+(\.\d+)?$/.test(text) ? Number(text) * unitMs.s : sumOfParts(text);
  const ms = Math.round(total);
  return ms > 0 && Number.isSafeInteger(ms) ? ms : undefined;
}

function sumOfParts(text: string): number {
  if (!/^(\d+(\.\d+)?(ms|s|m|h)\s*)+$/.test(text)) return Number.NaN;
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * unitMs[unit as keyof typeof unitMs],
    0,
  );
}

/** As a config would write it: `30m`, `90s`, `250ms`. */
export function durationText(ms: number): string {
  const [unit, size] = Object.entries(unitMs)
    .toReversed()
    .find(([, size]) => ms % size === 0) ?? ["ms", 1];
  return `${ms / size}${unit}`;
}
