import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { parseAddress } from '../../src/lib/address.ts'
import { createPop3 } from '../../src/modules/pop3/index.ts'
import type { ConnectionHandler, ListenerName } from '../../src/ports/connection.ts'
import type { CredentialVerifier, ScramVerifier } from '../../src/ports/credentials.ts'
import type { MailStore } from '../../src/ports/mail-store.ts'
import type { Peer, Stage } from './dialog.ts'
import { createFakeLog, type LoggedEvent, silentMeter } from './fakes/runtime.ts'
import { createFakeScram } from './fakes/scram.ts'
import { acceptedConnection, keyPair, OctetPeer, octetsOf } from './loopback.ts'
import { account, appendTo, mail, startStore, type TestStore } from './store.ts'

type Settings = Parameters<typeof createPop3>[0]['settings']

const defaultSettings: Settings = {
  hostname: 'mail.home.test',
  allowPlaintextAuth: true,
  offerScram: true,
}

/** Who lives here, and their accounts; everybody's password is `secret`. Zoe has no mailbox yet. */
const people: Readonly<Record<string, number>> = {
  'ann@home.test': 1,
  'bob@home.test': 2,
  'zoe@home.test': 9,
}

const credentials: CredentialVerifier = {
  verify: async ({ login, password, service, bearer }) => {
    if (login === 'throttled@home.test') return { kind: 'throttled', retryAfterSeconds: 60 }
    if (login === 'away@home.test') return { kind: 'later', reason: 'unreachable', text: 'Try again later' }
    const address = parseAddress(login)
    const id = address && people[address]
    const secrets = bearer ? ['app.token'] : [' secret ', 'secret', 'pässwörd %s ']
    const isRight = secrets.includes(password) && service === 'pop3'
    if (!address || id === undefined || !isRight) return { kind: 'refused', reason: 'wrong-secret' }
    return { kind: 'accepted', account: account(id), address, with: 'password' }
  },
}

const arithmetic = createFakeScram('secret', (login) => {
  const address = parseAddress(login)
  return address === 'ann@home.test' ? { account: account(1), address } : undefined
})

const scram: ScramVerifier = {
  begin: async (attempt) =>
    attempt.login === 'throttled@home.test'
      ? { kind: 'throttled', retryAfterSeconds: 60 }
      : await arithmetic.begin(attempt),
  finish: (attempt) => arithmetic.finish(attempt),
}

/**
 * One POP3 server on a loopback socket with a real mail store behind it. `log` is a client that hears the events.
 * `given 1 signed in` brings a client so far without a word in the transcript; for the others see `#scenes`.
 */
export class Pop3Stage implements Stage {
  readonly #events: LoggedEvent[] = []
  readonly #peers = new Map<string, OctetPeer>()
  readonly #settings: Settings
  #changed: Partial<Settings> = {}
  #store: Promise<TestStore> | undefined
  #listener: ListenerName = 'pop3'
  #pop3: ConnectionHandler | undefined
  #server: Promise<Server> | undefined
  #heard = 0
  /** From now on nothing can be removed. */
  #diskIsFull = false

  constructor(settings: Partial<Settings> = {}) {
    this.#settings = { ...defaultSettings, ...settings }
  }

  async given(scene: string): Promise<void> {
    const [, client] = /^(\d+) signed in$/.exec(scene) ?? []
    if (client !== undefined) return await this.#signIn(client)
    const [, verb = '', rest = ''] = /^(\S+) ?(.*)$/.exec(scene) ?? []
    const setting = this.#scenes[verb]
    if (!setting) throw new Error(`no such scene: ${scene}`)
    await setting(rest)
  }

  async connect(name: string): Promise<Peer> {
    if (name === 'log') return { send: () => undefined, next: async () => this.#nextEvent() }
    const peer =
      this.#peers.get(name) ?? (await OctetPeer.connect(await this.port(), this.#listener === 'pop3s'))
    this.#peers.set(name, peer)
    return peer
  }

  async port(): Promise<number> {
    return ((await this.#listening()).address() as AddressInfo).port
  }

  store(): Promise<TestStore> {
    this.#store ??= storeOf([1, 2])
    return this.#store
  }

  async end(): Promise<void> {
    for (const peer of this.#peers.values()) peer.destroy()
    ;(await this.#server)?.close()
    await this.#pop3?.drain()
    await (await this.#store)?.end()
  }

  readonly #scenes: Readonly<Record<string, (rest: string) => Promise<void> | void>> = {
    listener: (name) => {
      this.#listener = name as ListenerName
    },
    setting: (text) => {
      this.#changed = { ...this.#changed, ...(JSON.parse(`{${text}}`) as object) }
    },
    // `messages 3`: Subject "Message 1" and so on.
    messages: async (count) => {
      const texts = Array.from({ length: Number(count) }, (_, at) => mail({ subject: `Message ${at + 1}` }))
      await appendTo(await this.store(), account(1), 'INBOX', ...texts)
    },
    // `octets Subject: x\r\n\r\nText`
    octets: async (text) => {
      await appendTo(await this.store(), account(1), 'INBOX', octetsOf(text).toString())
    },
    // Another program, by IMAP: `expunge 2`
    expunge: async (uid) => {
      const { store } = await this.store()
      await store.remove(account(1), await inboxOf(store), [Number(uid)])
    },
    // What IMAP would show: `log` hears `flags 1=\Seen 2=`
    flags: async () => {
      const { store } = await this.store()
      const image = await store.image(account(1), await inboxOf(store))
      const shown = [...(image?.uids ?? [])].map((uid, at) => [String(uid), image?.flags[at] ?? 0])
      this.#events.push({ level: 'info', event: 'flags', fields: Object.fromEntries(shown) })
    },
    'disk-full': () => {
      this.#diskIsFull = true
    },
    restart: async () => {
      this.#store = (await this.store()).restart()
      await this.#store
      this.#pop3 = undefined
      ;(await this.#server)?.close()
      this.#server = undefined
      for (const peer of this.#peers.values()) peer.destroy()
      this.#peers.clear()
    },
    seconds: async (count) => {
      const { clock } = await this.store()
      await turns()
      for (let left = Number(count); left > 0; left -= 10) await clock.advance(Math.min(left, 10) * 1000)
    },
    tls: async (name) => await this.#peerNamed(name).startTls(),
    hangup: async (name) => {
      this.#peerNamed(name).destroy()
      await turns()
    },
    draining: async () => void (await this.#handler()).drain(),
    // `long 1 STAT 70000`
    long: (rest) => {
      const [, name = '', words = '', octets] = /^(\d+) (.*) (\d+)$/.exec(rest) ?? []
      this.#peerNamed(name).send(`${words}${'x'.repeat(Number(octets))}`)
    },
    turns: async () => await turns(),
  }

  async #signIn(client: string): Promise<void> {
    const peer = await this.connect(client)
    for (const line of ['', 'USER ann@home.test', 'PASS secret']) {
      if (line !== '') peer.send(line)
      const answer = await peer.next()
      if (!answer.startsWith('+OK')) throw new Error(`${line}: ${answer}`)
    }
  }

  #peerNamed(name: string): OctetPeer {
    const peer = this.#peers.get(name)
    if (!peer) throw new Error(`no client ${name}`)
    return peer
  }

  async #handler(): Promise<ConnectionHandler> {
    const { store, clock } = await this.store()
    const full = { kind: 'later', reason: 'disk-full', text: 'The disk is full' } as const
    const remove: MailStore['remove'] = async (...args) =>
      this.#diskIsFull ? full : await store.remove(...args)
    this.#pop3 ??= createPop3({
      store: new Proxy(store, {
        get: (target, name) => (name === 'remove' ? remove : Reflect.get(target, name)),
      }),
      credentials,
      scram,
      clock,
      log: createFakeLog(this.#events),
      meter: silentMeter,
      settings: { ...this.#settings, ...this.#changed },
    })
    return this.#pop3
  }

  #listening(): Promise<Server> {
    this.#server ??= this.#listen()
    return this.#server
  }

  async #listen(): Promise<Server> {
    const tls = await keyPair()
    const handler = await this.#handler()
    const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
      socket.on('error', () => undefined)
      const connection = acceptedConnection({ socket, listener: this.#listener, ip: '192.0.2.7', tls })
      void connection.then((accepted) => handler.serve(accepted))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return server
  }

  #nextEvent(): string {
    const found = this.#events[this.#heard++]
    if (!found) throw new Error('nothing more in the log')
    const fields = Object.entries(found.fields).filter(([, value]) => value !== undefined)
    return `${found.event} ${fields.map(([name, value]) => `${name}=${value}`).join(' ')}`
  }
}

async function inboxOf(store: MailStore): Promise<number> {
  return (await store.mailbox(account(1), 'INBOX'))?.id ?? 0
}

async function storeOf(ids: readonly number[]): Promise<TestStore> {
  const store = await startStore()
  for (const id of ids) await store.accounts.putAccount(account(id), { quotaBytes: 0 })
  return store
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}
