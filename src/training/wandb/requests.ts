import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';

/** How long an answer may take, ms: the package itself would wait for ever. */
const PATIENCE = 30_000;

/**
 * Watches this thread's requests to W&B, since the package says nothing of most that fail: it takes any answer for
 * a good one, and never gives a request up.
 *
 * @param onStart returns what is to be handed to `onDelivered` once that request was answered well.
 * @param onRefused told what the server answered instead.
 */
export function watchRequests<Mark>(
  onStart: () => Mark,
  onDelivered: (mark: Mark) => void,
  onRefused: (reason: string) => void,
): void {
  const marks = new WeakMap<ClientRequest, Mark>();
  subscribe('http.client.request.start', message => {
    const { request } = message as { request: ClientRequest }; // What Node publishes there.
    if (isHistory(request)) marks.set(request, onStart());
    const impatience = setTimeout(
      () => request.destroy(new Error(`no answer within ${PATIENCE / 1000} s`)),
      PATIENCE,
    ).unref();
    request.once('close', () => clearTimeout(impatience));
  });
  subscribe('http.client.response.finish', message => {
    const { request, response } = message as { request: ClientRequest; response: IncomingMessage }; // As above.
    const status = response.statusCode ?? 0;
    const mark = marks.get(request);
    if (status < 200 || status >= 300)
      onRefused(
        `${request.host} answered with HTTP status ${status}${status === 401 ? ', so the API key is not taken' : ''}`,
      );
    else if (mark !== undefined) onDelivered(mark);
  });
}

/** Whether rows are in it. */
function isHistory(request: ClientRequest): boolean {
  return request.path.endsWith('/file_stream');
}
