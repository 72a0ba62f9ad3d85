export type { Pilot } from './episodes/pilot.ts';
export { VideoError } from './errors.ts';
export { LiveViewer } from './live-viewer.ts';
export type * from './protocol.ts';
export { hasDisplay, openBrowser } from './server/open-browser.ts';
export { Film } from './video/film.ts';
export { checkBrowser, makeVideo, videoFormat } from './video/make-video.ts';
export { type Performance, watchEpisodes } from './watch-episodes.ts';
export { RunWatcher } from './watch-runs.ts';
