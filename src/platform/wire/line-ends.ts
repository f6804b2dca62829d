import type { Connection } from '../../ports/connection.ts'
import type { Clock } from '../../ports/runtime.ts'
import { farewell } from './farewell.ts'
import { Input } from './input.ts'
import { Output } from './output.ts'

/** Both ends of a client's connection, for protocols that people can type: where a line ends, no two servers have to agree. */
export class LineEnds {
  connection: Connection
  input: Input
  out: Output
  /** Nothing is done until the client says more. */
  isWaiting = false
  readonly #clock: Clock

  constructor(connection: Connection, clock: Clock) {
    this.connection = connection
    this.#clock = clock
    this.input = this.#inputOf(connection)
    this.out = new Output(connection.stream)
  }

  /** It can still be had, as far as the connection goes. */
  get mayStartTls(): boolean {
    return this.connection.mayStartTls && this.connection.tls === undefined
  }

  /** Waits for more of the client, who first hears all that we have to say. False where nothing more will come. */
  async more(): Promise<boolean> {
    await this.flushed()
    return await this.input.more()
  }

  /** The client has read what there was to say, nearly all of it. */
  async flushed(): Promise<void> {
    this.out.flush()
    await this.ready()
  }

  /** Waits for a slow client to read. */
  async ready(): Promise<void> {
    await this.out.ready(this.#clock.now())
  }

  /** Both ends again, on the connection that TLS made. What came in clear text behind the command is dropped, unread. */
  async startTls(): Promise<void> {
    this.#release()
    this.connection = await this.connection.startTls()
    this.input = this.#inputOf(this.connection)
    this.out = new Output(this.connection.stream)
  }

  /** The stream changes hands when all was said; gives back what came and was not read. */
  async handOver(): Promise<Uint8Array> {
    await this.flushed()
    const early = this.input.takeRest()
    this.#release()
    return early
  }

  /** No more of the client is waited for. */
  giveUp(): void {
    this.input.giveUp()
  }

  /** Cuts the connection. */
  cut(): void {
    this.connection.stream.destroy()
  }

  /** What was said goes out, and then the connection ends. */
  async close(): Promise<void> {
    this.#release()
    await farewell(this.connection.stream, this.#clock)
  }

  #release(): void {
    this.input.release()
    this.out.flush()
    this.out.detach()
  }

  #inputOf({ stream }: Connection): Input {
    const waiting = {
      waits: () => {
        this.isWaiting = true
      },
      goesOn: () => {
        this.isWaiting = false
      },
      received: () => undefined,
    }
    return new Input(stream, waiting, 'crlf-or-lf')
  }
}
