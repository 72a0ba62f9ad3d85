import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { VideoError } from '../errors.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'msedge'];
const PLACES = [
  '/usr/bin/chromium',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/** The path of an installed Chromium, or one of its kin: `CHROMIUM_PATH`, the PATH, the usual places; null: none. */
export function findBrowser(environment: NodeJS.ProcessEnv = process.env): string | null {
  const { CHROMIUM_PATH, PATH = '' } = environment;
  if (CHROMIUM_PATH !== undefined && CHROMIUM_PATH !== '') {
    if (existsSync(CHROMIUM_PATH)) return CHROMIUM_PATH;
    throw new VideoError(`CHROMIUM_PATH is ${CHROMIUM_PATH}, but there is no such file. Correct it, or leave it out.`);
  }
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const onPath = PATH.split(delimiter).flatMap(folder => NAMES.map(name => join(folder, name + suffix)));
  return [...onPath, ...PLACES].find(path => existsSync(path)) ?? null;
}

/** Arguments for a browser without a window that draws in 3-D whatever the machine has. */
export const HEADLESS_ARGUMENTS: readonly string[] = [
  '--headless=new',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--ignore-gpu-blocklist',
  '--hide-scrollbars',
  '--mute-audio',
  '--no-first-run',
  '--disable-extensions',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
