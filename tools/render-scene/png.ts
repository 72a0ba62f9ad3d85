import { crc32, deflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const CHANNELS = 3;

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), framed.length - 4);
  return framed;
}

/** The Paeth predictor: whichever of left, up and upper left is nearest to left + up − upper left. */
function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const toLeft = Math.abs(guess - left);
  const toUp = Math.abs(guess - up);
  const toCorner = Math.abs(guess - corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

/** What each of the five filters predicts for a byte. */
const predictors: readonly ((left: number, up: number, corner: number) => number)[] = [
  () => 0,
  left => left,
  (_left, up) => up,
  (left, up) => (left + up) >> 1,
  paeth,
];

/** One row filtered by whichever predictor leaves the smallest sum of absolute differences, with its type in front. */
function filterRow(row: Uint8Array, above: Uint8Array): Uint8Array {
  let best = new Uint8Array(0);
  let least = Infinity;
  for (const [type, predict] of predictors.entries()) {
    const filtered = new Uint8Array(row.length + 1);
    filtered[0] = type;
    let sum = 0;
    for (let i = 0; i < row.length; i++) {
      const left = i < CHANNELS ? 0 : (row[i - CHANNELS] as number);
      const corner = i < CHANNELS ? 0 : (above[i - CHANNELS] as number);
      const difference = ((row[i] as number) - predict(left, above[i] as number, corner)) & 0xff;
      filtered[i + 1] = difference;
      sum += difference < 128 ? difference : 256 - difference;
    }
    if (sum >= least) continue;
    best = filtered;
    least = sum;
  }
  return best;
}

/**
 * A PNG file of an image with 8 bits a channel.
 *
 * @param rgb row by row from the top, `[height × width × 3]`.
 * Source: PNG specification (third edition), https://www.w3.org/TR/png-3/
 */
export function encodePng(width: number, height: number, rgb: Uint8Array): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const stride = CHANNELS * width;
  let above: Uint8Array = new Uint8Array(stride);
  const rows: Uint8Array[] = [];
  for (let y = 0; y < height; y++) {
    const row = rgb.subarray(y * stride, (y + 1) * stride);
    rows.push(filterRow(row, above));
    above = row;
  }
  const data = deflateSync(Buffer.concat(rows), { level: 9, memLevel: 9 });
  return Buffer.concat([SIGNATURE, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', new Uint8Array(0))]);
}
