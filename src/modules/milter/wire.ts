import { connect, type Socket } from 'node:net'
import type { ServiceAddress } from '../../lib/service-address.ts'

/** What one side says to the other: a letter and what belongs to it. */
export interface Packet {
  readonly letter: string
  readonly content: Buffer
}

/** A filter changes fields; one that sends more in one piece is none. */
const longestPacket = 1024 * 1024
/** How many times as long as one answer all of them may take. */
const timesInAll = 5

/** The milter protocol's framing: a length of four octets, a letter, and what belongs to it. */
export class Wire {
  readonly #socket: Socket
  readonly #silenceMs: number
  readonly #patience: NodeJS.Timeout
  #held: Buffer = Buffer.alloc(0)
  #trouble: string | undefined
  #wake: () => void = () => undefined

  constructor(address: ServiceAddress, silenceMs: number) {
    // One that says again and again that it is still at work does not keep a sender waiting for ever, either.
    this.#patience = setTimeout(() => this.#end('it did not come to an end'), silenceMs * timesInAll)
    this.#silenceMs = silenceMs
    this.#socket = connect(
      address.kind === 'unix'
        ? { path: address.path }
        : { host: address.host, port: address.port, noDelay: true },
    )
    this.#socket.setTimeout(silenceMs, () => this.#end('no answer in time'))
    this.#socket.on('data', (chunk: Buffer) => {
      this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
      this.#wake()
    })
    this.#socket.on('error', (cause) => this.#end(cause.message))
    this.#socket.on('close', () => this.#end('the connection was closed'))
  }

  async say(letter: string, content: string | Uint8Array = ''): Promise<void> {
    if (this.#trouble !== undefined) throw new Error(this.#trouble)
    if (this.#socket.write(packetOf(letter, content))) return
    const room = Promise.withResolvers<void>()
    this.#socket.once('drain', room.resolve)
    this.#wake = room.resolve
    await room.promise
  }

  /** Rejects where there is none. */
  async hear(): Promise<Packet> {
    const length = (await this.#take(4)).readUInt32BE()
    if (length === 0 || length > longestPacket) throw new Error('what it says is no milter’s')
    const packet = await this.#take(length)
    return { letter: packet.toString('latin1', 0, 1), content: packet.subarray(1) }
  }

  /** SMFIC_QUIT; what the other side makes of it is its own affair. */
  close(): void {
    clearTimeout(this.#patience)
    this.#socket.end(packetOf('Q', ''))
    setTimeout(() => this.#socket.destroy(), Math.min(this.#silenceMs, 1000)).unref()
  }

  async #take(count: number): Promise<Buffer> {
    while (this.#held.length < count) {
      if (this.#trouble !== undefined) throw new Error(this.#trouble)
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    const taken = this.#held.subarray(0, count)
    this.#held = this.#held.subarray(count)
    return taken
  }

  #end(why: string): void {
    this.#trouble ??= why
    this.#socket.destroy()
    this.#wake()
  }
}

function packetOf(letter: string, content: string | Uint8Array): Buffer {
  const octets = Buffer.from(content)
  const head = Buffer.alloc(5)
  head.writeUInt32BE(octets.length + 1)
  head.write(letter, 4, 'latin1')
  return Buffer.concat([head, octets])
}
