import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { parseAddress } from '../../src/lib/address.ts'
import { createManageSieve } from '../../src/modules/managesieve/index.ts'
import { createSieve, createSieveScripts } from '../../src/modules/sieve/index.ts'
import type { ConnectionHandler } from '../../src/ports/connection.ts'
import type { CredentialVerifier } from '../../src/ports/credentials.ts'
import type { ScriptStore, SieveScripts } from '../../src/ports/sieve-scripts.ts'
import type { Peer, Stage } from './dialog.ts'
import { createFakeLog, type LoggedEvent, silentMeter } from './fakes/runtime.ts'
import { createFakeScram } from './fakes/scram.ts'
import { acceptedConnection, keyPair, OctetPeer } from './loopback.ts'
import { account, startStore, type TestStore } from './store.ts'

type Settings = Parameters<typeof createManageSieve>[0]['settings']

const defaultSettings: Settings = {
  allowPlaintextAuth: true,
  offerScram: true,
  maxConnectionsPerUserAndIp: 3,
  maxRedirects: 4,
  scriptBytes: 5_000,
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
    const secrets = bearer ? ['app.token'] : ['secret', 'pässwörd %s "x"']
    const isRight = secrets.includes(password) && service === 'sieve'
    if (!address || id === undefined || !isRight) return { kind: 'refused', reason: 'wrong-secret' }
    return { kind: 'accepted', account: account(id), address, with: 'password' }
  },
}

const scram = createFakeScram('secret', (login) => {
  const address = parseAddress(login)
  const id = address && people[address]
  return address && id !== undefined ? { account: account(id), address } : undefined
})

/**
 * One ManageSieve server on a loopback socket with a real store behind it. `log` is a client that hears the events.
 * `given 1 signed in` brings a client so far without a word in the transcript; for the others see `#scenes`.
 */
export class ManageSieveStage implements Stage {
  readonly #events: LoggedEvent[] = []
  readonly #peers = new Map<string, OctetPeer>()
  #settings: Settings
  #store: Promise<TestStore> | undefined
  #handler: Promise<ConnectionHandler> | undefined
  #server: Promise<Server> | undefined
  #heard = 0
  /** From now on nothing can be kept. */
  #diskIsFull = false

  constructor(settings: Partial<Settings> = {}) {
    this.#settings = { ...defaultSettings, ...settings }
  }

  async given(scene: string): Promise<void> {
    const [, client, person = 'ann'] = /^(\d+) signed in(?: as (\w+))?$/.exec(scene) ?? []
    if (client !== undefined) return await this.#signIn(client, person)
    const [, verb = '', rest = ''] = /^(\S+) ?(.*)$/.exec(scene) ?? []
    const setting = this.#scenes[verb]
    if (!setting) throw new Error(`no such scene: ${scene}`)
    await setting(rest)
  }

  async connect(name: string): Promise<Peer> {
    if (name === 'log') return { send: () => undefined, next: async () => this.#nextEvent() }
    const peer = this.#peers.get(name) ?? (await OctetPeer.connect(await this.port(), false))
    this.#peers.set(name, peer)
    return peer
  }

  async port(): Promise<number> {
    this.#server ??= this.#listen()
    return ((await this.#server).address() as AddressInfo).port
  }

  store(): Promise<TestStore> {
    this.#store ??= storeOf([1, 2])
    return this.#store
  }

  async end(): Promise<void> {
    for (const peer of this.#peers.values()) peer.destroy()
    ;(await this.#server)?.close()
    await (await this.#handler)?.drain()
    await (await this.#store)?.end()
  }

  readonly #scenes: Readonly<Record<string, (rest: string) => Promise<void> | void>> = {
    setting: (text) => {
      this.#settings = { ...this.#settings, ...(JSON.parse(`{${text}}`) as object) }
    },
    // `script name keep;`
    script: async (text) => {
      const [, name = '', content = ''] = /^(\S+) (.*)$/.exec(text) ?? []
      await (await this.#scripts()).put(account(1), name, content)
    },
    // As an import might: nothing is checked.
    'unchecked-script': async (text) => {
      const [, name = '', content = ''] = /^(\S+) (.*)$/.exec(text) ?? []
      const limits = { scripts: 9, scriptBytes: 10_000, bytes: 10_000 }
      await (await this.store()).scripts.put(account(1), { name, text: content }, limits)
    },
    'disk-full': () => {
      this.#diskIsFull = true
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
    draining: async () => void (await this.#served()).drain(),
    // `long 1 70000`: so many octets and no line end
    long: (rest) => {
      const [name = '', octets] = rest.split(' ')
      this.#peerNamed(name).send(`${'x'.repeat(Number(octets))}\\c`)
    },
    turns: async () => await turns(),
  }

  async #signIn(client: string, person: string): Promise<void> {
    const peer = await this.connect(client)
    const initial = Buffer.from(`\0${person}@home.test\0secret`).toString('base64')
    for (const line of ['', `AUTHENTICATE "PLAIN" "${initial}"`]) {
      if (line !== '') peer.send(line)
      for (let answer = await peer.next(); !answer.startsWith('OK'); answer = await peer.next())
        if (!answer.startsWith('"')) throw new Error(`${line}: ${answer}`)
    }
  }

  #peerNamed(name: string): OctetPeer {
    const peer = this.#peers.get(name)
    if (!peer) throw new Error(`no client ${name}`)
    return peer
  }

  async #scripts(): Promise<SieveScripts> {
    const { scripts } = await this.store()
    const full = { kind: 'later', reason: 'disk-full', text: 'The disk is full' } as const
    const writes = new Set<string | symbol>(['put', 'setActive', 'rename', 'remove'])
    const store: ScriptStore = new Proxy(scripts, {
      get: (target, name) =>
        this.#diskIsFull && writes.has(name) ? async () => full : Reflect.get(target, name),
    })
    const { scriptBytes } = this.#settings
    return createSieveScripts({ store, limits: { scripts: 4, scriptBytes, bytes: 8_000 } })
  }

  #served(): Promise<ConnectionHandler> {
    this.#handler ??= this.#serve()
    return this.#handler
  }

  async #serve(): Promise<ConnectionHandler> {
    const { clock } = await this.store()
    return createManageSieve({
      scripts: await this.#scripts(),
      engine: createSieve(),
      credentials,
      scram,
      clock,
      log: createFakeLog(this.#events),
      meter: silentMeter,
      settings: this.#settings,
    })
  }

  async #listen(): Promise<Server> {
    const tls = await keyPair()
    const handler = await this.#served()
    const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
      socket.on('error', () => undefined)
      const connection = acceptedConnection({ socket, listener: 'sieve', ip: '192.0.2.7', tls })
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

async function storeOf(ids: readonly number[]): Promise<TestStore> {
  const store = await startStore()
  for (const id of ids) await store.accounts.putAccount(account(id), { quotaBytes: 0 })
  return store
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}
