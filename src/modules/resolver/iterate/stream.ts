import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { BadSyntax } from '../../../lib/bad-syntax.ts'
import { type Message, readMessage } from '../wire/message.ts'

export interface Server {
  readonly ip: string
  readonly port: number
  /** The name its certificate must have; given: DNS over TLS (RFC 7858). */
  readonly tlsName?: string | undefined
  /** Certificates to believe instead of the system's, PEM. */
  readonly ca?: string | undefined
}

type Answered = (message: Message | undefined) => void

const idleMs = 10_000
const mostWaiting = 200

/** One connection to a server, many questions at once, answers in any order: RFC 7766 §6.2.1 and §7. */
export class Stream {
  readonly #socket: Socket
  readonly #waiting = new Map<number, Answered>()
  #pieces: Buffer = Buffer.alloc(0)
  #closed = false

  constructor(server: Server, onClose: () => void) {
    const { ip: host, port, tlsName } = server
    this.#socket =
      tlsName === undefined
        ? connectTcp({ host, port })
        : connectTls({
            host,
            port,
            servername: tlsName,
            ...(server.ca === undefined ? {} : { ca: server.ca }),
          })
    this.#socket.setNoDelay(true)
    this.#socket.setTimeout(idleMs, () => this.close())
    this.#socket.on('data', (chunk: Buffer) => this.#take(chunk))
    this.#socket.on('error', () => this.close())
    this.#socket.on('close', () => {
      this.close()
      onClose()
    })
  }

  get usable(): boolean {
    return !this.#closed && this.#waiting.size < mostWaiting
  }

  /** An id that no other question here waits under. */
  freeId(random: () => number): number {
    for (;;) {
      const id = random()
      if (!this.#waiting.has(id)) return id
    }
  }

  /** `answered` is called once: with undefined when the connection ends first. */
  ask(id: number, question: Buffer, answered: Answered): void {
    if (this.#closed) {
      answered(undefined)
      return
    }
    this.#waiting.set(id, answered)
    this.#socket.write(Buffer.concat([Uint8Array.of(question.length >> 8, question.length & 255), question]))
  }

  forget(id: number): void {
    this.#waiting.delete(id)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#socket.destroy()
    for (const answered of this.#waiting.values()) answered(undefined)
    this.#waiting.clear()
  }

  #take(chunk: Buffer): void {
    this.#pieces = this.#pieces.length === 0 ? chunk : Buffer.concat([this.#pieces, chunk])
    while (this.#pieces.length >= 2) {
      const end = 2 + this.#pieces.readUInt16BE(0)
      if (this.#pieces.length < end) return
      const message = this.#pieces.subarray(2, end)
      this.#pieces = this.#pieces.subarray(end)
      if (!this.#answer(message)) {
        this.close()
        return
      }
    }
  }

  #answer(bytes: Buffer): boolean {
    try {
      const message = readMessage(bytes)
      const answered = this.#waiting.get(message.id)
      this.#waiting.delete(message.id)
      answered?.(message)
      return true
    } catch (cause) {
      if (cause instanceof BadSyntax) return false
      throw cause
    }
  }
}
