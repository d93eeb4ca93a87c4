/** How well a text answers to what was typed. Pure. */

/**
 * Points of a match, higher is better, or `undefined` for none: each typed word
 * must begin a word of the text or, worth less, stand inside one.
 */
export function rank(text: string, query: string): number | undefined {
  const wanted = query.toLowerCase().split(/\s+/).filter(Boolean);
  const whole = text.toLowerCase();
  let points = 0;
  for (const word of wanted) {
    const at = whole.indexOf(word);
    if (at < 0) return undefined;
    const begins = new RegExp(`(^|[^\\p{L}\\p{N}])${escaped(word)}`, "u").test(whole);
    points += begins ? 4 : 1;
    if (at === 0) points += 2;
  }
  // Of two that match alike the shorter says less that was not asked for.
  return points - text.length / 200;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
