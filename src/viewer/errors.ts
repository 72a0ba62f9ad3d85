import { EnvironmentError } from '../common/errors.ts';

/** The viewer's page is not there and cannot be built. */
export class ViewerPageError extends EnvironmentError {}

/** The viewer's server could not listen. */
export class ViewerServerError extends EnvironmentError {}

/** A video could not be made: no browser, or the browser could not encode it. */
export class VideoError extends EnvironmentError {}
