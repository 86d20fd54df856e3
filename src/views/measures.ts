/** `0.4 s`, `12.3 s`, `2 min 5 s`, `1 h 3 min`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 59_950) return `${(milliseconds / 1_000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1_000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return withRest(`${minutes} min`, seconds % 60, "s");
  return withRest(`${Math.floor(minutes / 60)} h`, minutes % 60, "min");
}

function withRest(whole: string, rest: number, unit: string): string {
  return rest === 0 ? whole : `${whole} ${rest} ${unit}`;
}

/** `1,234` */
export function grouped(count: number): string {
  return String(Math.round(count)).replaceAll(/\B(?=(?:\d{3})+$)/gu, ",");
}

/** `1 token`, `1,234 tokens` */
export function counted(count: number, noun: string): string {
  return `${Number.isInteger(count) ? grouped(count) : String(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** `0.8 tokens/s`, `45 tokens/s` */
export function speed(tokensPerSecond: number): string {
  return `${tokensPerSecond < 9.95 ? tokensPerSecond.toFixed(1) : grouped(tokensPerSecond)} tokens/s`;
}

/** `40 %` of a part from 0 to 1 */
export function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}
