export { openWandb, type WandbBoard, type WandbOptions } from './board.ts';
