import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { onTestFinished } from 'vitest'
import { createProxy } from '../../src/modules/proxy/index.ts'
import type {
  CertificateSettings,
  ListenerSettings,
  ProxySettings,
} from '../../src/modules/proxy/settings.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createLog } from '../../src/platform/log.ts'
import { createMeter } from '../../src/platform/meter.ts'
import type { ListenerName } from '../../src/ports/connection.ts'
import type { Clock, Log } from '../../src/ports/runtime.ts'
import type { WebHandler } from '../../src/ports/web.ts'
import { noCertificates, ownCertificates } from '../support/own-certificates.ts'
import { LineProtocol } from './front-line-protocol.ts'

interface FrontOptions {
  readonly listeners?: readonly Partial<ListenerSettings>[]
  readonly settings?: Partial<Omit<ProxySettings, 'listeners'>>
  readonly web?: WebHandler
  /** Undefined: none at all, as with TLS_FLAVOR=notls. */
  readonly certificates?: Partial<CertificateSettings> | undefined
  readonly clock?: Clock
}

/** A front on free loopback ports, with one small protocol behind every listener. */
export async function startFront({
  listeners = [{}],
  settings = {},
  web = { fetch: () => new Response() },
  clock = systemClock,
  ...rest
}: FrontOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'front-'))
  const lines: string[] = []
  const log = createLog({ level: 'debug', pretty: false, out: { write: (line) => void lines.push(line) } })
  const protocol = new LineProtocol()
  const meter = createMeter({ processMetrics: false })
  const rows = listeners.map((row) => ({
    name: 'smtp' as const,
    host: '127.0.0.1',
    port: 0,
    tls: 'starttls' as const,
    proxyProtocol: false,
    ...row,
  }))
  const mailNames = rows.map(({ name }) => name).filter((name) => !name.startsWith('http'))
  const proxy = createProxy({
    handlers: Object.fromEntries(mailNames.map((name) => [name, protocol])),
    webs: { http: web, https: web },
    certificates: certificatesOf(rest, folder, { clock, log }),
    clock,
    log,
    meter,
    settings: {
      hostname: 'mail.test',
      listeners: rows,
      permissiveSmtp: true,
      trustedProxies: ['127.0.0.0/8'],
      realIpHeader: undefined,
      limits: {},
      ...settings,
    },
  })
  await proxy.service.start()
  onTestFinished(async () => {
    await proxy.service.stop()
    await rm(folder, { recursive: true })
  })
  const port = (name: ListenerName = 'smtp') => proxy.listening().find((row) => row.name === name)?.port ?? 0
  const events = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  return { proxy, protocol, meter, folder, port, events, service: proxy.service }
}

function certificatesOf(
  options: Pick<FrontOptions, 'certificates'>,
  folder: string,
  ground: { clock: Clock; log: Log },
) {
  return 'certificates' in options && options.certificates === undefined
    ? noCertificates(ground)
    : ownCertificates({ folder, ...options.certificates }, ground)
}

/** RFC 9113 §3.4 */
export const http2Preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

/** RFC 9113 §4.1 */
export function http2Frame(
  type: number,
  flags: number,
  stream: number,
  payload: Buffer = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** A client that reads line by line. */
export class LineClient {
  readonly stream: Duplex
  #held = ''
  #ended = false
  #wake: () => void = () => undefined

  constructor(stream: Duplex) {
    this.stream = stream
    stream.on('data', (chunk: Buffer) => {
      this.#held += chunk.toString('latin1')
      this.#wake()
    })
    stream.once('end', () => stream.end())
    for (const event of ['end', 'close', 'error']) {
      stream.on(event, () => {
        this.#ended = true
        this.#wake()
      })
    }
  }

  write(text: string | Buffer): void {
    this.stream.write(text)
  }

  /** The next line without its end; `undefined` when the server closed. */
  async line(): Promise<string | undefined> {
    for (;;) {
      const at = this.#held.indexOf('\r\n')
      if (at >= 0) {
        const line = this.#held.slice(0, at)
        this.#held = this.#held.slice(at + 2)
        return line
      }
      if (this.#ended) return undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async ask(command: string): Promise<string | undefined> {
    this.write(`${command}\r\n`)
    return this.line()
  }

  /** Everything until the server closes. */
  async rest(): Promise<string> {
    while (!this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.#held
  }
}

export async function open(port: number, first?: string | Buffer): Promise<LineClient> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  if (first !== undefined) socket.write(first)
  return new LineClient(socket)
}

interface TlsChoice {
  readonly maxVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'
  readonly minVersion?: 'TLSv1'
  readonly ciphers?: string
  readonly ALPNProtocols?: string[]
  readonly servername?: string
}

/** Trusts any certificate: the tests look at it themselves. */
export async function secure(
  to: { port: number } | { socket: Socket },
  choice: TlsChoice = {},
): Promise<TLSSocket> {
  const tls = connectTls({ host: '127.0.0.1', ...to, rejectUnauthorized: false, ...choice })
  onTestFinished(() => void tls.destroy())
  await once(tls, 'secureConnect')
  return tls
}
