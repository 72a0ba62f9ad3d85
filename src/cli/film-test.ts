import { performance } from 'node:perf_hooks';
import type { EvaluationResult, TestOptions } from '../training/index.ts';
import { testPolicy } from '../training/index.ts';
import { checkVideo, Film, makeVideo } from '../viewer/index.ts';
import { formatDuration, formatPercent, type Output } from './output.ts';
import { shorten } from './train-report.ts';

/**
 * A test that is filmed; once its signal is aborted, there is no video.
 *
 * Throws UsageError and VideoError, where no video can be made, before anything is played.
 */
export function filming(
  video: string,
  output: Output,
): (path: string, options: TestOptions) => Promise<EvaluationResult> {
  checkVideo(video);
  return async (path, options) => {
    const film = new Film();
    const { signal, onSimulator } = options;
    const result = await testPolicy(path, {
      ...options,
      around: simulator => film.around(simulator),
      onSimulator: simulator => {
        film.check();
        onSimulator?.(simulator);
      },
    });
    if (signal?.aborted) return result;
    const seconds = (film.frames.length * film.period).toFixed(1);
    if (film.cut) output.warn(`The video ends after ${seconds} s: it can be no longer. Play fewer --episodes.`);
    output.line(`Filming ${seconds} s …`);
    const began = performance.now();
    try {
      await makeVideo(film, video, {
        ...(signal === undefined ? {} : { signal }),
        onProgress: share => {
          const left = ((performance.now() - began) / 1000) * (1 / share - 1);
          output.progress(`${formatPercent(share)} · ${formatDuration(left)} left`);
        },
      });
    } catch (error) {
      if (signal?.aborted) return result;
      throw error;
    }
    output.line(`Video ${shorten(video)}`);
    return result;
  };
}
