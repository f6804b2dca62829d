import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { type Address, parseAddress } from '../../src/lib/address.ts'
import type { AccountId } from '../../src/ports/accounts.ts'
import type { ConnectionHandler, ListenerName } from '../../src/ports/connection.ts'
import type { CredentialVerifier, LoginAttempt, ScramVerifier } from '../../src/ports/credentials.ts'
import type { Peer, Stage } from './dialog.ts'
import { verdictElsewhere } from './fakes/old-servers.ts'
import { describeEvent, type LoggedEvent } from './fakes/runtime.ts'
import { createFakeScram } from './fakes/scram.ts'
import { acceptedConnection, keyPair, OctetPeer } from './loopback.ts'
import { account, startStore, type TestStore } from './store.ts'

/** What `given VERB REST` does, by verb. */
export type Scenes = Readonly<Record<string, (rest: string) => Promise<void> | void>>

/** Addresses and their accounts. */
export type People = Readonly<Record<string, number>>

/**
 * A server of sessions on a loopback socket with a real mail store behind it; what a protocol adds to it is in its own
 * stage. `log` is a client that hears the events.
 */
export abstract class SessionStage<Settings extends object> implements Stage {
  protected readonly events: LoggedEvent[] = []
  protected settings: Settings
  protected listener: ListenerName
  protected ip = '192.0.2.7'
  readonly #peers = new Map<string, OctetPeer>()
  #store: Promise<TestStore> | undefined
  #handler: Promise<ConnectionHandler> | undefined
  #server: Promise<Server> | undefined
  #heard = 0

  protected constructor(listener: ListenerName, settings: Settings) {
    this.listener = listener
    this.settings = settings
  }

  protected abstract readonly scenes: Scenes
  /** The server itself, made when the first client comes. */
  protected abstract serve(store: TestStore): ConnectionHandler | Promise<ConnectionHandler>
  /** `given 1 signed in …`: brings a client so far without a word in the transcript. */
  protected abstract signIn(peer: OctetPeer, how: string): Promise<void>
  protected abstract startStore(): Promise<TestStore>

  async given(scene: string): Promise<void> {
    const [, client, how = ''] = /^(\d+) (signed in.*|in .*|looking at .*)$/.exec(scene) ?? []
    if (client !== undefined) return await this.signIn(await this.connect(client), how)
    const [, verb = '', rest = ''] = /^(\S+) ?(.*)$/.exec(scene) ?? []
    const setting = this.scenes[verb] ?? this.#scenes[verb]
    if (!setting) throw new Error(`no such scene: ${scene}`)
    await setting(rest)
  }

  async connect(name: 'log'): Promise<Peer>
  async connect(name: string): Promise<OctetPeer>
  async connect(name: string): Promise<Peer> {
    if (name === 'log') return { send: () => undefined, next: async () => this.#nextEvent() }
    const peer =
      this.#peers.get(name) ??
      (await OctetPeer.connect(await this.port(), /^(imap|pop3)s$/.test(this.listener)))
    this.#peers.set(name, peer)
    return peer
  }

  async port(): Promise<number> {
    this.#server ??= this.#listen()
    return ((await this.#server).address() as AddressInfo).port
  }

  store(): Promise<TestStore> {
    this.#store ??= this.startStore()
    return this.#store
  }

  async end(): Promise<void> {
    for (const peer of this.#peers.values()) peer.destroy()
    ;(await this.#server)?.close()
    await (await this.#handler)?.drain()
    await (await this.#store)?.end()
  }

  protected peerNamed(name: string): OctetPeer {
    const peer = this.#peers.get(name)
    if (!peer) throw new Error(`no client ${name}`)
    return peer
  }

  /** Everything ends and starts again on the same folder. */
  protected async restart(): Promise<void> {
    this.#store = (await this.store()).restart()
    await this.#store
    this.#handler = undefined
    ;(await this.#server)?.close()
    this.#server = undefined
    for (const peer of this.#peers.values()) peer.destroy()
    this.#peers.clear()
  }

  readonly #scenes: Scenes = {
    listener: (name) => {
      this.listener = name as ListenerName
    },
    from: (ip) => {
      this.ip = ip
    },
    setting: (text) => {
      this.settings = { ...this.settings, ...(JSON.parse(`{${text}}`) as object) }
    },
    // Real sockets have to hear of it too, so time goes by in steps.
    seconds: async (count) => {
      const { clock } = await this.store()
      await turns()
      for (let left = Number(count); left > 0; left -= 10) await clock.advance(Math.min(left, 10) * 1000)
    },
    tls: async (name) => await this.peerNamed(name).startTls(),
    hangup: async (name) => {
      this.peerNamed(name).destroy()
      await turns()
    },
    draining: async () => void (await this.#served()).drain(),
    // `long 1 STAT 70000`: the words, and so many octets behind them.
    long: (rest) => {
      const [, name = '', words = '', octets] = /^(\d+) (.*) (\d+)$/.exec(rest) ?? []
      this.peerNamed(name).send(`${words}${'x'.repeat(Number(octets))}`)
    },
    // Goes on when the server has seen to what was sent before: a command on a connection of its own does not tell.
    turns: async () => await turns(),
  }

  #served(): Promise<ConnectionHandler> {
    this.#handler ??= this.store().then((store) => this.serve(store))
    return this.#handler
  }

  async #listen(): Promise<Server> {
    const tls = await keyPair()
    const handler = await this.#served()
    const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
      socket.on('error', () => undefined)
      const connection = acceptedConnection({ socket, listener: this.listener, ip: this.ip, tls })
      void connection.then((accepted) => handler.serve(accepted))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return server
  }

  #nextEvent(): string {
    const found = this.events[this.#heard++]
    if (!found) throw new Error('nothing more in the log')
    return describeEvent(found)
  }
}

/** A store in which these accounts have a mailbox each. */
export async function storeOf(
  ids: readonly number[],
  start: Parameters<typeof startStore>[0] = {},
): Promise<TestStore> {
  const store = await startStore(start)
  for (const id of ids) await store.accounts.putAccount(account(id), { quotaBytes: 0 })
  return store
}

/**
 * Everybody's password is `secret`, or one of the others where those are given, and a token `app.token`; `throttled@home.test`
 * has tried too often, of `away@home.test` nobody can be asked, and `old@home.test` has his mail on another server.
 */
export function credentialsOf(
  people: People,
  service: LoginAttempt['service'],
  others: readonly string[],
): CredentialVerifier {
  return {
    verify: async (attempt) => {
      if (attempt.login === 'throttled@home.test') return { kind: 'throttled', retryAfterSeconds: 60 }
      if (attempt.login === 'away@home.test')
        return { kind: 'later', reason: 'unreachable', text: 'Try again later' }
      const elsewhere = verdictElsewhere(attempt)
      if (elsewhere) return elsewhere
      const found = knownAs(people, attempt.login)
      const secrets = attempt.bearer ? ['app.token'] : ['secret', ...others]
      if (!found) return { kind: 'refused', reason: 'unknown' }
      const isRight = secrets.includes(attempt.password) && attempt.service === service
      if (!isRight) return { kind: 'refused', reason: 'wrong-secret' }
      return { kind: 'accepted', ...found, with: 'password' }
    },
  }
}

export const scramOf = (people: People): ScramVerifier =>
  createFakeScram('secret', (login) => knownAs(people, login))

function knownAs(people: People, login: string): { account: AccountId; address: Address } | undefined {
  const address = parseAddress(login)
  const id = address && people[address]
  return address && id !== undefined ? { account: account(id), address } : undefined
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}
