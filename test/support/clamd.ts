import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'

/** The test of all virus scanners, which is no virus. https://www.eicar.org */
export const eicar = String.raw`X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`

export interface ClamdSpeaker {
  readonly port: number
  /** What was scanned, one entry per stream. */
  readonly streams: readonly Buffer[]
  stop(): Promise<void>
}

export interface ClamdManners {
  /** 0 is any that is free. */
  readonly port?: number
  readonly streamMaxLength?: number
  /** Answers nothing at all. */
  readonly mute?: boolean
}

/** Speaks clamd's INSTREAM and VERSION, and knows one virus. For what needs no real one; test/clients has that. */
export async function startClamdSpeaker(manners: ClamdManners = {}): Promise<ClamdSpeaker> {
  const streams: Buffer[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    if (!manners.mute) void converse(socket, streams, manners)
  })
  server.listen(manners.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    streams,
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

async function converse(socket: Socket, streams: Buffer[], manners: ClamdManners): Promise<void> {
  const octets = new Octets(socket)
  const command = await octets.until(0)
  if (command === 'zVERSION') return void socket.end('ClamAV 1.4.3/27800/a day\0')
  if (command !== 'zINSTREAM') return void socket.end('UNKNOWN COMMAND\0')
  const pieces: Buffer[] = []
  for (;;) {
    const length = (await octets.take(4))?.readUInt32BE()
    if (length === undefined) return
    if (length === 0) break
    const piece = await octets.take(length)
    if (piece === undefined) return
    pieces.push(piece)
  }
  const stream = Buffer.concat(pieces)
  streams.push(stream)
  socket.end(`${answerTo(stream, manners)}\0`)
}

function answerTo(stream: Buffer, { streamMaxLength = Number.POSITIVE_INFINITY }: ClamdManners): string {
  if (stream.length > streamMaxLength) return 'INSTREAM size limit exceeded. ERROR'
  return stream.includes(eicar) ? 'stream: Eicar-Test-Signature FOUND' : 'stream: OK'
}

/** What a client sends, taken as it is needed; undefined when it is gone. */
class Octets {
  #held = Buffer.alloc(0)
  #isOver = false
  #wake: () => void = () => undefined

  constructor(socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.#held = Buffer.concat([this.#held, chunk])
      this.#wake()
    })
    socket.on('close', () => {
      this.#isOver = true
      this.#wake()
    })
  }

  async take(count: number): Promise<Buffer | undefined> {
    while (this.#held.length < count) {
      if (this.#isOver) return undefined
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    const taken = this.#held.subarray(0, count)
    this.#held = this.#held.subarray(count)
    return taken
  }

  async until(end: number): Promise<string> {
    let text = ''
    for (;;) {
      const octet = await this.take(1)
      if (octet === undefined || octet[0] === end) return text
      text += octet.toString('latin1')
    }
  }
}
