export { packageVersion as version } from '../common/package-version.ts';
