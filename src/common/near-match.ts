/** Edits (insert, delete, replace, swap neighbours) that turn one word into another: optimal string alignment. */
export function editDistance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => new Array<number>(b.length + 1).fill(i));
  const at = (i: number, j: number) => rows[i]?.[j] ?? 0;
  for (let j = 0; j <= b.length; j++) (rows[0] as number[])[j] = j;
  for (let i = 1; i <= a.length; i++)
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, replaced);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, at(i - 2, j - 2) + 1);
      (rows[i] as number[])[j] = best;
    }
  return at(a.length, b.length);
}

/** The candidate nearest to what was typed, case and separators aside; undefined where none is near. */
export function nearMatch(typed: string, candidates: readonly string[]): string | undefined {
  const plain = (word: string) => word.toLowerCase().replace(/[-_\s]/g, '');
  const wanted = plain(typed);
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const word = plain(candidate);
    // Half a name is how people abbreviate: "grasp" for "SawyerGrasp-v1".
    const distance = wanted.length >= 3 && word.includes(wanted) ? 0.5 : editDistance(wanted, word);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** ` Did you mean "x"?` for a near match, and otherwise ` Known: a, b, c.`; says if there are none. */
export function suggestion(typed: string, candidates: readonly string[]): string {
  if (candidates.length === 0) return ' There are none.';
  const near = nearMatch(typed, candidates);
  return near === undefined
    ? ` Known: ${candidates.join(', ')}.`
    : ` Did you mean "${near}"? Known: ${candidates.join(', ')}.`;
}
