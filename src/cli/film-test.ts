import type { EvaluationResult, TestOptions } from '../training/index.ts';
import { testPolicy } from '../training/index.ts';
import { checkBrowser, Film, makeVideo, videoFormat } from '../viewer/index.ts';
import type { Output } from './output.ts';
import { shorten } from './train-report.ts';

/** A test that is filmed. Throws UsageError and VideoError, where no video can be made, before anything is played. */
export function filming(
  video: string,
  output: Output,
): (path: string, options: TestOptions) => Promise<EvaluationResult> {
  videoFormat(video);
  checkBrowser();
  return async (path, options) => {
    const film = new Film();
    const result = await testPolicy(path, { ...options, around: simulator => film.around(simulator) });
    output.line(`Filming ${(film.frames.length * film.period).toFixed(1)} s …`);
    await makeVideo(film, video);
    output.line(`Video ${shorten(video)}`);
    return result;
  };
}
