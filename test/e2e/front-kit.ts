import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { onTestFinished } from 'vitest'
import { createProxy } from '../../src/modules/proxy/index.ts'
import type { ListenerSettings, ProxySettings } from '../../src/modules/proxy/settings.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createLog } from '../../src/platform/log.ts'
import { createMeter } from '../../src/platform/meter.ts'
import type { Connection, ConnectionHandler, ListenerName } from '../../src/ports/connection.ts'
import type { Clock } from '../../src/ports/runtime.ts'
import type { WebHandler } from '../../src/ports/web.ts'

/** A small protocol on the front: greets, echoes lines, knows STARTTLS, WHO and QUIT. */
export class LineProtocol implements ConnectionHandler {
  readonly seen: Connection[] = []
  readonly lines: string[] = []
  readonly #bye = new AbortController()

  async serve(connection: Connection): Promise<void> {
    this.seen.push(connection)
    await this.#talk(connection, 'hello\r\n')
  }

  async drain(): Promise<void> {
    this.#bye.abort()
  }

  #talk(connection: Connection, greeting: string): Promise<void> {
    const { stream } = connection
    stream.write(greeting)
    return new Promise((resolve) => {
      let held = ''
      const end = () => {
        stream.off('data', take)
        resolve()
      }
      this.#bye.signal.addEventListener('abort', () => {
        stream.write('bye, the server goes away\r\n')
        end()
      })
      const answer = (line: string) => {
        this.lines.push(line)
        if (line === 'QUIT') {
          stream.write('bye\r\n')
          end()
        } else if (line === 'WHO') {
          stream.write(`${connection.ip} ${connection.port} ${connection.tls?.protocol ?? 'plain'}\r\n`)
        } else if (line === 'STARTTLS') {
          held = ''
          stream.write('go ahead\r\n', () => {
            connection.startTls().then(
              (secured) => this.#talk(secured, '').then(resolve),
              () => end(),
            )
          })
        } else stream.write(`you said ${line}\r\n`)
      }
      const take = (chunk: Buffer) => {
        held += chunk.toString('latin1')
        const parts = held.split('\r\n')
        while (parts.length > 1) {
          const line = parts.shift() ?? ''
          held = parts.join('\r\n')
          answer(line)
          if (line === 'STARTTLS') return
        }
      }
      stream.on('data', take).once('end', end).once('close', end)
    })
  }
}

interface FrontOptions {
  readonly listeners?: readonly Partial<ListenerSettings>[]
  readonly settings?: Partial<Omit<ProxySettings, 'listeners'>>
  readonly web?: WebHandler
  readonly clock?: Clock
}

/** A front on free loopback ports, with one small protocol behind every listener. */
export async function startFront({
  listeners = [{}],
  settings = {},
  web,
  clock = systemClock,
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
    http: web,
    clock,
    log,
    meter,
    settings: {
      hostname: 'mail.test',
      listeners: rows,
      certificates: { folder, certificate: 'cert.pem', key: 'key.pem', names: ['mail.test'] },
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
