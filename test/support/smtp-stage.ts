import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { parseAddress } from '../../src/lib/address.ts'
import { createSmtp } from '../../src/modules/smtp/index.ts'
import type { SmtpSettings } from '../../src/modules/smtp/settings.ts'
import type { AccountId } from '../../src/ports/accounts.ts'
import type { SenderPolicy } from '../../src/ports/addresses.ts'
import type { ListenerName } from '../../src/ports/connection.ts'
import type { CredentialVerifier, LoginAttempt } from '../../src/ports/credentials.ts'
import type { Arrival } from '../../src/ports/intake.ts'
import type { Peer, Stage } from './dialog.ts'
import { createFakeClock, type FakeClock } from './fakes/clock.ts'
import { createRecordingIntake, type RecordingIntake } from './fakes/intake.ts'
import { createFakeMessageBytes, type FakeMessageBytes } from './fakes/message-bytes.ts'
import { oldServers, verdictElsewhere } from './fakes/old-servers.ts'
import { createFakeLog, describeEvent, type LoggedEvent, silentMeter } from './fakes/runtime.ts'
import { createFakeScram } from './fakes/scram.ts'
import { acceptedConnection, keyPair, OctetPeer, secured, silence } from './loopback.ts'

type Smtp = ReturnType<typeof createSmtp>

const postmaster = parseAddress('postmaster@home.test') ?? never()

const defaultSettings: SmtpSettings = {
  hostname: 'mail.home.test',
  postmaster,
  messageSizeLimit: 100_000,
  trustedNetworks: ['10.0.0.0/8'],
  allowPlaintextAuth: false,
  offerScram: true,
  inboundTlsEnforce: false,
  refuseEarlyTalkers: false,
}

const scram = createFakeScram('secret', (login) => {
  const address = parseAddress(login)
  return address && { account: 1 as unknown as AccountId, address }
})

/**
 * One SMTP server on a loopback socket, with everything behind it recorded. `box` is a client that hears what was accepted,
 * `log` one that hears the events.
 */
export class SmtpStage implements Stage {
  readonly clock: FakeClock = createFakeClock()
  readonly bytes: FakeMessageBytes = createFakeMessageBytes()
  readonly intake: RecordingIntake = createRecordingIntake(this.bytes)
  readonly attempts: LoginAttempt[] = []
  readonly #events: LoggedEvent[] = []
  readonly #peers = new Map<string, OctetPeer>()
  readonly #box: string[] = []
  readonly #clients = new Set<Socket>()
  readonly #accepted = new Set<Socket>()
  #settings: SmtpSettings
  #listener: ListenerName = 'smtp'
  #ip = '192.0.2.7'
  #smtp: Smtp | undefined
  #server: Server | undefined
  #waitForBox: (() => void) | undefined

  constructor(settings: Partial<SmtpSettings> = {}) {
    this.#settings = { ...defaultSettings, ...settings }
    this.intake.onArrival = (arrival) => this.#record(arrival)
  }

  get events(): readonly LoggedEvent[] {
    return this.#events
  }

  async given(scene: string): Promise<void> {
    const [, verb = '', rest = ''] = /^(\S+) ?(.*)$/.exec(scene) ?? []
    const setting = this.#scenes[verb]
    if (!setting) throw new Error(`no such scene: ${scene}`)
    await setting(rest)
  }

  async connect(name: string): Promise<Peer> {
    if (name === 'box') return { send: never, next: () => this.#nextInBox() }
    if (name === 'log') return { send: never, next: async () => this.#nextEvent() }
    const { port } = (await this.#listening()).address() as AddressInfo
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    this.#clients.add(socket)
    const peer = new OctetPeer(this.#listener === 'submissions' ? await secured(socket) : socket)
    this.#peers.set(name, peer)
    return peer
  }

  /** Where clients that nodemailer makes can connect. */
  async port(listener: ListenerName): Promise<number> {
    this.#listener = listener
    return ((await this.#listening()).address() as AddressInfo).port
  }

  async end(): Promise<void> {
    for (const peer of this.#peers.values()) peer.destroy()
    this.#server?.close()
  }

  readonly #scenes: Readonly<Record<string, (rest: string) => Promise<void> | void>> = {
    listener: (name) => {
      this.#listener = name as ListenerName
    },
    from: (ip) => {
      this.#ip = ip
    },
    setting: (text) => {
      this.#settings = { ...this.#settings, ...(JSON.parse(`{${text}}`) as object) }
    },
    // Real sockets have to hear of it too, so time goes by in steps.
    seconds: async (count) => {
      await this.#settled()
      for (let left = Number(count); left > 0; left -= 10) await this.clock.advance(Math.min(left, 10) * 1000)
    },
    'disk-full': () => {
      this.bytes.failing = { kind: 'later', reason: 'disk-full', text: 'Disk full' }
    },
    'disk-free': () => {
      this.bytes.failing = undefined
    },
    draining: () => void this.#smtpServer().arriving.drain(),
    tls: async (name) => (this.#peers.get(name) ?? never()).startTls(),
    hangup: (name) => (this.#peers.get(name) ?? never()).destroy(),
    long: (text) => {
      const [name = '', word = '', octets] = text.split(' ')
      ;(this.#peers.get(name) ?? never()).send(`${word} ${'x'.repeat(Number(octets))}`)
    },
    nothing: (rest) => {
      if (rest !== 'left behind') never()
      const { drafts, sealed } = this.bytes.open()
      if (drafts + sealed > 0) throw new Error(`${drafts} drafts and ${sealed} sealed messages left behind`)
    },
  }

  /** Until the server has read all that the clients wrote. */
  async #settled(): Promise<void> {
    const written = () => [...this.#clients].reduce((sum, socket) => sum + socket.bytesWritten, 0)
    const read = () => [...this.#accepted].reduce((sum, socket) => sum + socket.bytesRead, 0)
    while (read() < written()) await turn()
    for (let turns = 0; turns < 3; turns++) await turn()
  }

  #smtpServer(): Smtp {
    this.#smtp ??= createSmtp({
      intake: this.intake,
      bytes: this.bytes,
      credentials: this.#credentials,
      scram,
      oldServers,
      senders,
      clock: this.clock,
      log: createFakeLog(this.#events),
      meter: silentMeter,
      settings: this.#settings,
    })
    return this.#smtp
  }

  readonly #credentials: CredentialVerifier = {
    verify: async (attempt) => {
      const elsewhere = verdictElsewhere(attempt)
      if (elsewhere) return elsewhere
      this.attempts.push(attempt)
      if (attempt.login === 'throttled@home.test') return { kind: 'throttled', retryAfterSeconds: 60 }
      const address = parseAddress(attempt.login)
      const secret = attempt.bearer ? 'app.token' : 'secret'
      if (!address || attempt.password !== secret) return { kind: 'refused', reason: 'wrong-secret' }
      return { kind: 'accepted', account: 1 as unknown as AccountId, address, with: 'password' }
    },
  }

  async #listening(): Promise<Server> {
    if (this.#server) return this.#server
    const tls = await keyPair()
    const server = createServer({ noDelay: true }, (socket) => {
      this.#accepted.add(socket)
      const smtp = this.#smtpServer()
      const handlers = { smtp: smtp.arriving, lmtp: smtp.lmtp } as Partial<Record<ListenerName, Smtp['lmtp']>>
      const handler = handlers[this.#listener] ?? smtp.submission
      socket.on('error', () => undefined)
      const accepted = { socket, listener: this.#listener, ip: this.#ip, tls }
      void acceptedConnection(accepted).then((connection) => handler.serve(connection))
    })
    this.#server = server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return server
  }

  #record({ origin, sender, recipients, trace, message }: Arrival): void {
    const to = recipients.map(({ address }) => address).join(' ')
    const text = message.kind === 'inline' ? Buffer.from(message.bytes).toString('utf8') : ''
    this.#box.push(`${origin.kind} from <${sender ?? ''}> to ${to}`)
    this.#box.push(...trace.split('\r\n').slice(0, -1), ...text.split('\r\n'))
    this.#waitForBox?.()
  }

  async #nextInBox(): Promise<string> {
    const deadline = AbortSignal.timeout(20_000)
    while (this.#box.length === 0) {
      await Promise.race([
        new Promise<void>((resolve) => (this.#waitForBox = resolve)),
        silence(deadline, 'the box'),
      ])
    }
    return this.#box.shift() ?? ''
  }

  #heard = 0
  #nextEvent(): string {
    const found = this.#events[this.#heard]
    this.#heard++
    if (!found) throw new Error('nothing more in the log')
    return describeEvent(found, 'via')
  }
}

const senders: SenderPolicy = {
  maySendAs: async (_, sender) => ({
    kind: sender === undefined || sender.startsWith('ann') ? 'allowed' : 'refused',
  }),
  spendAllowance: async () => ({ kind: 'granted' }),
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

function never(): never {
  throw new Error('not in this play')
}
