import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { initWasm, Resvg } from '@resvg/resvg-wasm';

/** Loaded once a process. */
let ready: Promise<readonly Uint8Array[]> | null = null;

/** The renderer and the fonts it draws with: ones that came along, since a machine without a screen may have none. */
async function prepare(): Promise<readonly Uint8Array[]> {
  const { resolve } = createRequire(import.meta.url);
  const read = (module: string) => readFile(resolve(module));
  await initWasm(await read('@resvg/resvg-wasm/index_bg.wasm'));
  return Promise.all(['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map(name => read(`dejavu-fonts-ttf/ttf/${name}`)));
}

/**
 * Draws an SVG as a PNG.
 *
 * @param width of the picture, pixels; its height follows.
 */
export async function svgToPng(svg: string, width: number): Promise<Uint8Array> {
  ready ??= prepare();
  const fontBuffers = [...(await ready)];
  const picture = new Resvg(svg, {
    fitTo: { mode: 'width', value: width },
    font: { fontBuffers, defaultFontFamily: 'DejaVu Sans', sansSerifFamily: 'DejaVu Sans', loadSystemFonts: false },
  });
  // Nothing is freed where drawing fails: what failed still holds the picture, and freeing it would throw in its place.
  const rendered = picture.render();
  const png = rendered.asPng();
  rendered.free();
  picture.free();
  return png;
}
