import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, isIPv6, type Socket, type Server as TcpServer } from 'node:net'
import { type Networks, parseNetworks } from '../../lib/networks.ts'
import type { Clock, Log } from '../../ports/runtime.ts'
import type { Finder } from './finder.ts'
import { RecentAnswers } from './recent-answers.ts'
import { answerTo } from './serve.ts'
import type { ServerSettings } from './settings.ts'

interface ServerOptions {
  readonly finder: Finder
  readonly clock: Clock
  readonly log: Log
  readonly settings: ServerSettings
}

/** Connections at once, and questions being answered at once; more are dropped and asked again. */
const mostConnections = 100
const mostRunning = 1000
/** RFC 7766 §6.2.3. */
const idleMs = 10_000

/** Answers other containers: UDP and TCP. RFC 7766 §5 asks for both. */
export class DnsServer {
  readonly #options: ServerOptions
  readonly #udp: UdpSocket[] = []
  readonly #tcp: TcpServer[] = []
  readonly #open = new Set<Socket>()
  readonly #allowed: Networks
  readonly #recent: RecentAnswers
  #running = 0
  #port: number

  constructor(options: ServerOptions) {
    this.#options = options
    this.#port = options.settings.port
    this.#recent = new RecentAnswers(options.clock)
    this.#allowed = parseNetworks(options.settings.allowed).networks
  }

  /** The port it listens on; differs from the setting where that is 0. */
  get port(): number {
    return this.#port
  }

  async start(): Promise<void> {
    for (const address of this.#options.settings.addresses) {
      await this.#listenTcp(address)
      await this.#listenUdp(address)
    }
  }

  async drain(): Promise<void> {
    for (const server of this.#tcp) server.close()
  }

  async stop(): Promise<void> {
    for (const socket of this.#open) socket.destroy()
    await Promise.all(this.#tcp.filter(({ listening }) => listening).map(ended))
    await Promise.all(this.#udp.map(ended))
  }

  async #listenUdp(address: string): Promise<void> {
    const type = isIPv6(address) ? 'udp6' : 'udp4'
    const socket = createSocket({ type, recvBufferSize: 1024 * 1024, lookup: asItIs })
    this.#udp.push(socket)
    socket.on('message', (bytes, { address: ip, port }) => {
      const said = this.#recent.get(bytes, ip)
      if (said) socket.send(said, port, ip)
      else void this.#answerPacket(socket, bytes, ip, port)
    })
    const listening = once(socket, 'listening')
    socket.bind(this.#port, address)
    await listening
    socket.on('error', (cause) => this.#options.log.error('resolver.socket', cause))
  }

  async #answerPacket(socket: UdpSocket, bytes: Buffer, ip: string, port: number): Promise<void> {
    const answer = await this.#answer(bytes, ip, 'udp')
    if (!answer) return
    this.#recent.keep(bytes, ip, answer)
    socket.send(answer, port, ip)
  }

  async #listenTcp(address: string): Promise<void> {
    const server = createServer((socket) => this.#serve(socket))
    server.maxConnections = mostConnections
    this.#tcp.push(server)
    server.listen(this.#port, address)
    await once(server, 'listening')
    const bound = server.address()
    if (typeof bound === 'object' && bound) this.#port = bound.port
    server.on('error', (cause) => this.#options.log.error('resolver.socket', cause))
  }

  #serve(socket: Socket): void {
    this.#open.add(socket)
    socket.setTimeout(idleMs, () => socket.destroy())
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#open.delete(socket))
    let pieces: Buffer = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      pieces = Buffer.concat([pieces, chunk])
      while (pieces.length >= 2 && pieces.length >= 2 + pieces.readUInt16BE(0)) {
        const end = 2 + pieces.readUInt16BE(0)
        const question = pieces.subarray(2, end)
        pieces = pieces.subarray(end)
        void this.#reply(socket, question)
      }
    })
  }

  async #reply(socket: Socket, question: Buffer): Promise<void> {
    const answer = await this.#answer(question, socket.remoteAddress ?? '', 'tcp')
    if (!answer) {
      socket.destroy()
      return
    }
    // Who does not read what it asked for is not answered further.
    if (socket.writableLength > 1024 * 1024) socket.destroy()
    else socket.write(Buffer.concat([Uint8Array.of(answer.length >> 8, answer.length & 255), answer]))
  }

  async #answer(bytes: Buffer, from: string, transport: 'udp' | 'tcp'): Promise<Buffer | undefined> {
    if (this.#running >= mostRunning) return undefined
    this.#running++
    try {
      const { finder, clock } = this.#options
      const isAllowed = this.#allowed.has(from.replace(/^::ffff:/, ''))
      return await answerTo(bytes, { finder, clock, isAllowed, transport })
    } catch (cause) {
      this.#options.log.error('resolver.question', cause)
      return undefined
    } finally {
      this.#running--
    }
  }
}

function ended(closing: { close(done: () => void): unknown }): Promise<void> {
  return new Promise((resolve) => {
    closing.close(() => resolve())
  })
}

/** Addresses are numbers already: nothing is looked up, and nothing waits a turn for it. */
function asItIs(
  ip: string,
  _: unknown,
  done: (error: Error | null, address: string, family: number) => void,
): void {
  done(null, ip, isIPv6(ip) ? 6 : 4)
}
