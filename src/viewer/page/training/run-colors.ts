const COLORS = ['#4c8dff', '#f5a524', '#30a46c', '#b07cf5', '#e5484d', '#27b8b0', '#e8c547', '#ee6fae'] as const;
const LIGHTNESSES = [70, 56, 82] as const;

/** The n-th of endlessly many colours that are told apart on a dark ground. */
export function colorNumber(n: number): string {
  const chosen = COLORS[n];
  if (chosen !== undefined) return chosen;
  // Hues a golden angle apart never come near to those just before.
  const hue = Math.round((n * 137.508) % 360);
  return `hsl(${hue} 62% ${LIGHTNESSES[n % LIGHTNESSES.length]}%)`;
}

/** Gives runs their colours as they are first asked for; a run keeps its own, whatever becomes of the others. */
export class RunColors {
  private readonly numbers = new Map<string, number>();

  of(run: string): string {
    const number = this.numbers.get(run) ?? this.numbers.size;
    this.numbers.set(run, number);
    return colorNumber(number);
  }
}
