import type { MetricsRecord } from './metrics.ts';

/** What is drawn of a line of the metrics, by the names that TensorBoard and others show it under. */
export function scalarsOf(record: MetricsRecord): Record<string, number> {
  if (record.type === 'train')
    return {
      'rollout/return': record.meanReturn,
      'rollout/length': record.meanLength,
      'rollout/success_rate': record.successRate,
      'time/train_seconds': record.seconds,
      ...(record.expelledWorkers === undefined ? {} : { 'rollout/expelled_workers': record.expelledWorkers }),
      ...prefixed('learner', record.learner),
    };
  return prefixed(evaluationPrefix(record.purpose), {
    success_rate: record.successRate,
    return: record.meanReturn,
    length: record.meanLength,
  });
}

/** `evaluation`, `evaluation_confirmation`, `evaluation_final` */
export function evaluationPrefix(purpose: 'periodic' | 'confirmation' | 'final'): string {
  return purpose === 'periodic' ? 'evaluation' : `evaluation_${purpose}`;
}

function prefixed(prefix: string, values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}/${name}`, value]));
}
