import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** With any port: one that ssh forwards is another one here, and browsers leave out 80. */
const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

/**
 * Who may talk to the server: whoever knows the token, from a page of the server's own.
 *
 * The token comes in the address once; the answer carries it as a cookie that no script can read, for the files and
 * the socket that the page asks for next. Foreign pages know neither, and a foreign name for this machine (DNS
 * rebinding) is not among the hosts.
 */
export class Access {
  /** Drawn anew at every start. */
  readonly token = randomBytes(24).toString('base64url');
  private port = 0;

  /** Tells the port once it is known. */
  listen(port: number): void {
    this.port = port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/?token=${this.token}`;
  }

  /** The cookie for the answer to a request with the token. Cookies know no ports, so its name does. */
  get cookie(): string {
    return `${this.cookieName}=${this.token}; HttpOnly; SameSite=Strict; Path=/`;
  }

  /** Why a request is refused; null where it is not. */
  refusal(request: IncomingMessage): string | null {
    const { host, origin } = request.headers;
    if (host === undefined || !LOOPBACK.test(host)) return 'This server answers to 127.0.0.1 and localhost only.';
    // A program that is no browser sends no origin; it needs the token all the same.
    if (origin !== undefined && origin !== `http://${host}`) return 'This server answers its own page only.';
    if (!this.knowsToken(request)) return 'A token is needed: open the address that the command printed.';
    return null;
  }

  private knowsToken(request: IncomingMessage): boolean {
    // The path is the client's own, and may be one that URL refuses.
    const query = new URLSearchParams(request.url?.split('?')[1]).get('token');
    const cookies = (request.headers.cookie ?? '').split(';').map(pair => pair.trim());
    const cookie = cookies.find(pair => pair.startsWith(`${this.cookieName}=`))?.slice(this.cookieName.length + 1);
    return [query, cookie].some(given => given !== null && given !== undefined && same(given, this.token));
  }

  private get cookieName(): string {
    return `graspbridge-${this.port}`;
  }
}

/** Compares without telling by the time it takes how much was right. */
function same(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
