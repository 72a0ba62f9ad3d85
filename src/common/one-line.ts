/** Text from elsewhere, fit to be shown: one line, not too long, valid Unicode, nothing that would play with a terminal. */
export function oneLine(text: string, length = 500): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  if (line.length <= length) return line;
  // Cut between characters, not within one.
  return `${line.slice(0, length).replace(/\p{Cs}$/u, '')}…`;
}
