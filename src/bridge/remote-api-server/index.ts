export { type RemoteApiServer, type RemoteApiServerOptions, serveRemoteApi } from './serve.ts';
