import { readFileSync } from 'node:fs';
import { decodeMessage } from '../../../../src/bridge/coppeliasim/remote-api/index.ts';

const FILE = new URL('../../../fixtures/coppeliasim-4.10/wire-recording.jsonl', import.meta.url);

/** One request and its reply, as they were on the wire between CoppeliaSim 4.10 and its official Python client. */
export interface Exchange {
  readonly send: Buffer;
  readonly recv: Buffer;
}

/** The exchanges of each chapter, by the beginning of the note in front of them. */
export function readRecording(): Map<string, Exchange[]> {
  const chapters = new Map<string, Exchange[]>();
  let chapter: Exchange[] = [];
  for (const line of readFileSync(FILE, 'utf8').split('\n')) {
    if (line === '') continue;
    const { note, send, recv } = JSON.parse(line) as { note?: string; send: string; recv: string };
    if (note === undefined) chapter.push({ send: Buffer.from(send, 'hex'), recv: Buffer.from(recv, 'hex') });
    else {
      chapter = [];
      chapters.set(note.split(/[:,]/, 1)[0] as string, chapter);
    }
  }
  return chapters;
}

/** A request's parts that mean something to both sides. */
export interface Request {
  readonly func: string;
  readonly args: unknown[];
  readonly argsL: number;
  readonly uuid: string;
  readonly ver?: number;
  readonly timeout?: number;
}

export function readRequest(bytes: Uint8Array): Request {
  return decodeMessage(bytes) as Request;
}
