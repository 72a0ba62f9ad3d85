import type { TargetOptions } from '../mujoco/scene-file.ts';

export interface RemoteApiServerOptions {
  /** 0 takes a free port. */
  readonly port?: number;
  /** A loopback address. */
  readonly host?: string;
  /** A MuJoCo XML file with the names of `scenes/sawyer-grasp.xml`, which is the default. */
  readonly scene?: string;
  readonly target?: TargetOptions;
  /** Runs no faster than a clock; as fast as it can by default. */
  readonly realTime?: boolean;
}

export interface RemoteApiServer {
  /** `tcp://127.0.0.1:23000` */
  readonly address: string;
  close(): Promise<void>;
}

/** Serves the embedded simulator over the remote API. */
export async function serveRemoteApi(_options: RemoteApiServerOptions = {}): Promise<RemoteApiServer> {
  throw new Error('to come');
}
