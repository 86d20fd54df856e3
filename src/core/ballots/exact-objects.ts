type Span = readonly [start: number, end: number];

/** The outermost `{…}` of a text that are JSON as it should be. Braces inside strings do not count. */
export function exactObjects(text: string): readonly Span[] {
  return outermost(text).filter(([start, end]) => isJson(text.slice(start, end)));
}

export function isInside(spans: readonly Span[], at: number): boolean {
  return spans.some(([start, end]) => start < at && at < end);
}

function outermost(text: string): readonly Span[] {
  const found: Span[] = [];
  let depth = 0;
  let start = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (inString) {
      if (character === "\\") index++;
      else if (character === '"') inString = false;
    } else if (character === '"' && depth > 0) inString = true;
    else if (character === "{" && depth++ === 0) start = index;
    else if (character === "}" && depth > 0 && --depth === 0) found.push([start, index + 1]);
  }
  return found;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
