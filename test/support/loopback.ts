import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls, createSecureContext, TLSSocket } from 'node:tls'
import { makeSelfSigned } from '../../src/modules/proxy/self-signed.ts'
import { channelBindingOf } from '../../src/platform/channel-binding.ts'
import { DeflateStream } from '../../src/platform/wire/deflate.ts'
import type { Connection, ListenerName } from '../../src/ports/connection.ts'
import type { Peer } from './dialog.ts'

export interface KeyAndCertificate {
  readonly certificate: string
  readonly key: string
}

let made: Promise<KeyAndCertificate> | undefined
/** One for the whole run. */
export function keyPair(): Promise<KeyAndCertificate> {
  made ??= makeSelfSigned(['mail.home.test'], Date.now())
  return made
}

interface Accepted {
  readonly socket: Socket
  readonly listener: ListenerName
  readonly ip: string
  readonly tls: KeyAndCertificate
}

/** What the front makes of an accepted socket; with `startTls` done on a listener whose name says so. */
export async function acceptedConnection({ socket, listener, ip, tls }: Accepted): Promise<Connection> {
  const connection: Connection = {
    id: `c${socket.remotePort}`,
    stream: socket,
    ip,
    port: socket.remotePort ?? 0,
    listener,
    tls: undefined,
    mayStartTls: true,
    channelBinding: () => undefined,
    startTls: async () => {
      const secureContext = createSecureContext({ key: tls.key, cert: tls.certificate })
      const stream = new TLSSocket(socket, { isServer: true, secureContext })
      await once(stream, 'secure')
      const facts = {
        protocol: stream.getProtocol() ?? '',
        cipher: stream.getCipher().name,
        serverName: undefined,
      }
      return {
        ...connection,
        stream,
        tls: facts,
        mayStartTls: false,
        channelBinding: (type) => channelBindingOf(stream, type),
      }
    },
  }
  return listener.endsWith('s') && listener !== 'https' ? await connection.startTls() : connection
}

/** A client that speaks in octets: `\r`, `\n`, `\0`, `\xHH`; `\c` at the end of a line leaves the CRLF away. */
export class OctetPeer implements Peer {
  #stream: Duplex
  #text = ''
  #closed = false
  #wake: (() => void) | undefined

  constructor(stream: Duplex) {
    this.#stream = stream
    this.#listen()
  }

  static async connect(port: number, secure: boolean): Promise<OctetPeer> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return new OctetPeer(secure ? await secured(socket) : socket)
  }

  send(line: string): void {
    this.#stream.write(octetsOf(line.endsWith('\\c') ? line.slice(0, -2) : `${line}\\r\\n`))
  }

  async next(): Promise<string> {
    const deadline = AbortSignal.timeout(20_000)
    for (;;) {
      const end = this.#text.indexOf('\r\n')
      if (end >= 0) {
        const line = this.#text.slice(0, end)
        this.#text = this.#text.slice(end + 2)
        return Buffer.from(line, 'latin1').toString('utf8')
      }
      if (this.#closed) return '(closed)'
      await Promise.race([
        new Promise<void>((resolve) => (this.#wake = resolve)),
        silence(deadline, 'the server'),
      ])
    }
  }

  /** Stops reading: a slow client. */
  pause(): void {
    this.#stream.pause()
  }

  resume(): void {
    this.#stream.resume()
  }

  async startTls(): Promise<void> {
    this.#stream.removeAllListeners('data').removeAllListeners('close')
    this.#stream = await secured(this.#stream as Socket)
    this.#listen()
  }

  startDeflate(): void {
    this.#stream.removeAllListeners('data').removeAllListeners('close')
    this.#stream = new DeflateStream(this.#stream, new Uint8Array())
    this.#listen()
  }

  destroy(): void {
    this.#stream.destroy()
  }

  #listen(): void {
    this.#stream.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString('latin1')
      this.#wake?.()
    })
    this.#stream.on('error', () => undefined)
    this.#stream.on('close', () => {
      this.#closed = true
      this.#wake?.()
    })
  }
}

export async function secured(socket: Socket): Promise<TLSSocket> {
  const tls = connectTls({ socket, rejectUnauthorized: false })
  await once(tls, 'secureConnect')
  return tls
}

/** UTF-8 first: an escape stands for one octet, everything else for its encoding. */
export function octetsOf(text: string): Buffer {
  const escapes: Readonly<Record<string, string>> = { r: '\r', n: '\n', t: '\t', '0': '\0' }
  const latin1 = Buffer.from(text).toString('latin1')
  const whole = latin1.replace(
    /\\(?:x([0-9a-fA-F]{2})|([rnt0]))/g,
    (_, hex: string | undefined, letter: string) =>
      hex === undefined ? (escapes[letter] ?? letter) : String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(whole, 'latin1')
}

/** Fails when it has lasted too long. */
export function silence(signal: AbortSignal, who: string): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error(`${who} says nothing`)), { once: true })
  })
}
