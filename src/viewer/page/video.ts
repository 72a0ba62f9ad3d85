import { applyPalette, GIFEncoder, quantize } from 'gifenc';
import {
  BufferTarget,
  CanvasSource,
  getFirstEncodableVideoCodec,
  Mp4OutputFormat,
  Output,
  QUALITY_HIGH,
  WebMOutputFormat,
} from 'mediabunny';
import type { PoseFrame } from '../pose-frame.ts';
import type { VideoOrder } from '../protocol.ts';
import { byId } from './dom.ts';
import type { SceneView } from './scene/view.ts';

/** Between two words on how far it is, ms. */
const INTERVAL = 250;

/** Takes pictures one by one and makes a file of them. */
interface Encoder {
  add(canvas: HTMLCanvasElement, index: number): Promise<void>;
  finish(): Promise<ArrayBuffer>;
}

/** Makes the video that was ordered of the frames that come, and uploads it. */
export class VideoMaker {
  private readonly order: VideoOrder;
  private readonly view: SceneView;
  private readonly frames: PoseFrame[] = [];
  private readonly tell: (pictures: number) => void;

  /** @param tell told now and then how many pictures are made. */
  constructor(order: VideoOrder, view: SceneView, tell: (pictures: number) => void) {
    this.order = order;
    this.view = view;
    this.tell = tell;
    document.body.dataset.video = 'on';
    const canvas = byId('scene');
    Object.assign(canvas.style, { width: `${order.width}px`, height: `${order.height}px` });
  }

  take(frame: PoseFrame): void {
    this.frames.push(frame);
    if (this.frames.length === this.order.frames) void this.make();
  }

  private async make(): Promise<void> {
    try {
      await upload(await this.encode(), {});
    } catch (error) {
      await upload(new TextEncoder().encode(String(error)), { 'x-failure': 'yes' });
    }
  }

  private async encode(): Promise<ArrayBuffer> {
    const { order, view, frames } = this;
    const encoder = order.format === 'gif' ? gifEncoder(order) : await streamEncoder(order, view.canvas);
    view.film();
    const pictures = Math.floor(frames.length * order.period * order.rate);
    let taken = 0;
    let next = 0;
    for (let picture = 0; picture < pictures; picture++) {
      const time = picture / order.rate;
      for (; taken < frames.length && taken * order.period <= time + 1e-9; taken++)
        view.take(frames[taken] as PoseFrame, 1000 * taken * order.period); // Within the list.
      view.picture(1000 * time, 1 / order.rate);
      await encoder.add(view.canvas, picture);
      if (performance.now() < next) continue;
      next = performance.now() + INTERVAL;
      this.tell(picture + 1);
    }
    return encoder.finish();
  }
}

async function upload(body: ArrayBuffer | Uint8Array<ArrayBuffer>, headers: Record<string, string>): Promise<void> {
  await fetch('/upload', { method: 'POST', body, headers: { 'content-type': 'application/octet-stream', ...headers } });
}

async function streamEncoder({ format, width, height, rate }: VideoOrder, canvas: HTMLCanvasElement): Promise<Encoder> {
  const container = format === 'mp4' ? new Mp4OutputFormat({ fastStart: 'in-memory' }) : new WebMOutputFormat();
  const codec = await getFirstEncodableVideoCodec(container.getSupportedVideoCodecs(), { width, height });
  if (codec === null) throw new Error(`this browser can encode nothing that .${format} may hold`);
  const target = new BufferTarget();
  const output = new Output({ format: container, target });
  const source = new CanvasSource(canvas, { codec, bitrate: QUALITY_HIGH, keyFrameInterval: 2 });
  output.addVideoTrack(source, { frameRate: rate });
  await output.start();
  return {
    add: (_, index) => source.add(index / rate, 1 / rate),
    async finish() {
      await output.finalize();
      if (target.buffer === null) throw new Error('the encoder gave nothing');
      return target.buffer;
    },
  };
}

function gifEncoder({ width, height, rate }: VideoOrder): Encoder {
  const gif = GIFEncoder();
  const copy = document.createElement('canvas');
  Object.assign(copy, { width, height });
  const context = copy.getContext('2d', { willReadFrequently: true });
  return {
    async add(canvas) {
      if (context === null) throw new Error('this browser draws nothing');
      context.drawImage(canvas, 0, 0, width, height);
      const { data } = context.getImageData(0, 0, width, height);
      const palette = quantize(data, 256);
      gif.writeFrame(applyPalette(data, palette), width, height, { palette, delay: 1000 / rate });
    },
    async finish() {
      gif.finish();
      return gif.bytes().slice().buffer;
    },
  };
}
