import { SimulatorLostError } from '../../errors.ts';
import { RequestTransport } from '../remote-api/transport.ts';
import { parseGreeting } from './greeting.ts';
import { type LaneGreeting, type LaneState, unpackState } from './messages.ts';
import { type LaneRequest, packHello, packRequest } from './requests.ts';

/** Far more than the longest honest reply, a greeting. */
const MAXIMUM_REPLY = 65_536;

type Unnumbered<Request> = Request extends { readonly sequence: number } ? Omit<Request, 'sequence'> : never;

/** Our end of the fast lane: one request and its reply at a time. */
export class LaneClient {
  private readonly transport: RequestTransport;
  private generation = 0;
  private sequence = 0;

  /** @param address `tcp://127.0.0.1:PORT` */
  constructor(address: string) {
    this.transport = new RequestTransport({ address, maxReplyBytes: MAXIMUM_REPLY });
  }

  get address(): string {
    return this.transport.address;
  }

  /**
   * Greets the lane; the first thing to do.
   *
   * @param timeout s
   * @throws MessageError, ProtocolVersionError, SimulatorLostError, SimulatorTimeoutError.
   */
  async hello(timeout: number): Promise<LaneGreeting> {
    const greeting = parseGreeting(await this.transport.exchange(packHello(), { timeout }));
    this.generation = this.transport.generation;
    return greeting;
  }

  /**
   * Asks for something and returns the state that answers it.
   *
   * @param timeout s
   * @throws SimulationDivergedError; SimulatorTimeoutError and SimulatorLostError, after which the lane is of no use.
   */
  async ask(request: Unnumbered<LaneRequest>, timeout: number): Promise<LaneState> {
    // What listens there now may know nothing of what was agreed with the one before.
    if (this.transport.generation !== this.generation)
      throw new SimulatorLostError(
        `The fast lane at ${this.address} broke off: the simulation was stopped, or the simulator has ended. Reset to connect anew.`,
      );
    this.sequence++;
    const numbered = { ...request, sequence: this.sequence } as LaneRequest; // Completed by the number it lacked.
    return unpackState(await this.transport.exchange(packRequest(numbered), { timeout }), this.sequence);
  }

  close(): void {
    this.transport.close();
  }
}
