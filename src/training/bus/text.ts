/** Text from the other side, fit to be printed: one line, not too long, nothing that would play with a terminal. */
export function cleanText(text: string, length = 500): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();
  return line.length > length ? `${line.slice(0, length)}…` : line;
}
