import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { parseAddress } from '../../src/lib/address.ts'
import { createImap } from '../../src/modules/imap/index.ts'
import type { ConnectionHandler, ListenerName } from '../../src/ports/connection.ts'
import type { CredentialVerifier } from '../../src/ports/credentials.ts'
import type { Peer, Stage } from './dialog.ts'
import { createFakeAccounts } from './fakes/accounts.ts'
import { createFakeLog, type LoggedEvent, silentMeter } from './fakes/runtime.ts'
import { createFakeScram } from './fakes/scram.ts'
import { acceptedConnection, keyPair, OctetPeer, octetsOf } from './loopback.ts'
import { account, mail, sealed, startStore, type TestStore } from './store.ts'

type Settings = Parameters<typeof createImap>[0]['settings']

const defaultSettings: Settings = {
  hostname: 'mail.home.test',
  allowPlaintextAuth: true,
  offerScram: true,
  switchedOff: [],
  messageLimit: 1_000_000,
  maxConnectionsPerUserAndIp: 20,
  appendLimit: 100_000,
}

/** Who lives here, and their accounts; everybody's password is `secret`, and a token `app.token`. */
const people: Readonly<Record<string, number>> = {
  'ann@home.test': 1,
  'bob@home.test': 2,
  'cid@home.test': 3,
}

const credentials: CredentialVerifier = {
  verify: async ({ login, password, bearer }) => {
    if (login === 'throttled@home.test') return { kind: 'throttled', retryAfterSeconds: 60 }
    const address = parseAddress(login)
    const id = address && people[address]
    const secrets = bearer ? ['app.token'] : ['secret', 'pässwörd %s ']
    if (!address || id === undefined || !secrets.includes(password)) {
      return { kind: 'refused', reason: id === undefined ? 'unknown' : 'wrong-secret' }
    }
    return { kind: 'accepted', account: account(id), address, with: 'password' }
  },
}

const scram = createFakeScram('secret', (login) => {
  const address = parseAddress(login)
  const id = address && people[address]
  return address && id !== undefined ? { account: account(id), address } : undefined
})

/**
 * One IMAP server on a loopback socket with a real mail store behind it. `log` is a client that hears the events.
 * Scenes: see `#scenes`; `1 in INBOX` and `1 signed in` bring a client of ann's so far without a word in the transcript, `2 signed in as
 * bob@home.test` one of somebody else.
 */
export class ImapStage implements Stage {
  readonly #events: LoggedEvent[] = []
  readonly #peers = new Map<string, OctetPeer>()
  #textIndex: { readonly documents: boolean } | undefined
  #store: Promise<TestStore> | undefined
  #settings: Settings
  #listener: ListenerName = 'imap'
  #ip = '192.0.2.7'
  #imap: ConnectionHandler | undefined
  #server: Promise<Server> | undefined
  #heard = 0

  constructor(settings: Partial<Settings> = {}) {
    this.#settings = { ...defaultSettings, ...settings }
  }

  async given(scene: string): Promise<void> {
    const [, client, state = '', name = ''] = /^(\d+) (signed in|in|looking at) ?(.*)$/.exec(scene) ?? []
    if (client !== undefined) return await this.#bring(client, state, name)
    const [, verb = '', rest = ''] = /^(\S+) ?(.*)$/.exec(scene) ?? []
    const setting = this.#scenes[verb]
    if (!setting) throw new Error(`no such scene: ${scene}`)
    await setting(rest)
  }

  async connect(name: string): Promise<Peer> {
    if (name === 'log') return { send: () => undefined, next: async () => this.#nextEvent() }
    const peer =
      this.#peers.get(name) ?? (await OctetPeer.connect(await this.port(), this.#listener === 'imaps'))
    this.#peers.set(name, peer)
    return peer
  }

  async port(): Promise<number> {
    return ((await this.#listening()).address() as AddressInfo).port
  }

  store(): Promise<TestStore> {
    this.#store ??= storeOf(Object.values(people), this.#textIndex)
    return this.#store
  }

  async end(): Promise<void> {
    for (const peer of this.#peers.values()) peer.destroy()
    ;(await this.#server)?.close()
    await this.#imap?.drain()
    await (await this.#store)?.end()
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
    quota: async (octets) => {
      await (await this.store()).accounts.putAccount(account(1), { quotaBytes: Number(octets) })
    },
    removed: async (id) => {
      await (await this.store()).accounts.removeAccount(account(Number(id)))
    },
    mailbox: async (name) => {
      await (await this.store()).store.createMailbox(account(1), name)
    },
    // First of all: there shall be an index of words. Later: all that came is in it now.
    index: async () => {
      if (!this.#store) this.#textIndex = { documents: true }
      await (await this.store()).searchCare.catchUp()
    },
    // `messages INBOX 3`: Subject "Message 1" and so on.
    messages: async (rest) => {
      const [name = '', count = ''] = rest.split(' ')
      for (let number = 1; number <= Number(count); number++)
        await this.#append(name, mail({ subject: `Message ${number}` }))
    },
    // `octets INBOX Subject: x\r\n\r\nText`
    octets: async (rest) => {
      const [, name = '', text = ''] = /^(\S+) (.*)$/.exec(rest) ?? []
      await this.#append(name, octetsOf(text))
    },
    // `note Work /private/comment Words`: of ann's.
    note: async (rest) => {
      const [, name = '', entry = '', text = ''] = /^(\S+) (\S+) (.*)$/.exec(rest) ?? []
      const { store } = await this.store()
      const id = (await store.mailbox(account(1), name))?.id
      await store.annotate(account(1), id, [{ name: entry, value: Buffer.from(text) }])
    },
    // `large INBOX 1000000`: octets of its text.
    large: async (rest) => {
      const [name = '', octets = ''] = rest.split(' ')
      await this.#append(name, `Subject: Large\r\n\r\n${'x'.repeat(Number(octets))}`)
    },
    seconds: async (count) => {
      const { clock } = await this.store()
      await turns()
      for (let left = Number(count); left > 0; left -= 10) await clock.advance(Math.min(left, 10) * 1000)
    },
    tls: async (name) => await this.#peerNamed(name).startTls(),
    deflate: (name) => this.#peerNamed(name).startDeflate(),
    pause: (name) => this.#peerNamed(name).pause(),
    resume: (name) => this.#peerNamed(name).resume(),
    hangup: (name) => this.#peerNamed(name).destroy(),
    draining: async () => void (await this.#handler()).drain(),
    // `long 1 a NOOP 70000`
    long: (rest) => {
      const [, name = '', words = '', octets] = /^(\d+) (.*) (\d+)$/.exec(rest) ?? []
      this.#peerNamed(name).send(`${words}${'x'.repeat(Number(octets))}`)
    },
    // Goes on when the server has seen to what was sent before: a NOOP on a connection of its own does not tell.
    turns: async () => await turns(),
  }

  async #bring(client: string, state: string, mailbox: string): Promise<void> {
    const peer = await this.connect(client)
    await peer.next()
    const [, who = 'ann@home.test'] = /^as (\S+)$/.exec(mailbox) ?? []
    await command(peer, `LOGIN ${who} secret`)
    if (state === 'in') await command(peer, `SELECT ${mailbox}`)
    if (state === 'looking at') await command(peer, `EXAMINE ${mailbox}`)
  }

  async #append(name: string, text: string | Uint8Array): Promise<void> {
    const { store, bytes } = await this.store()
    const mailbox = await store.mailbox(account(1), name)
    if (!mailbox) throw new Error(`no mailbox ${name}`)
    const message = await sealed(bytes, text)
    await store.append(account(1), mailbox.id, [
      { message, flags: [], receivedAt: Date.UTC(2026, 0, 2, 3, 4, 5) },
    ])
  }

  #peerNamed(name: string): OctetPeer {
    const peer = this.#peers.get(name)
    if (!peer) throw new Error(`no client ${name}`)
    return peer
  }

  async #handler(): Promise<ConnectionHandler> {
    const { store, search, shares, bytes, clock } = await this.store()
    this.#imap ??= createImap({
      store,
      search,
      shares,
      accounts: createFakeAccounts(people),
      bytes,
      credentials,
      scram,
      clock,
      log: createFakeLog(this.#events),
      meter: silentMeter,
      settings: this.#settings,
    })
    return this.#imap
  }

  #listening(): Promise<Server> {
    this.#server ??= this.#listen()
    return this.#server
  }

  async #listen(): Promise<Server> {
    const tls = await keyPair()
    const handler = await this.#handler()
    const server = createServer({ noDelay: true }, (socket) => {
      socket.on('error', () => undefined)
      const connection = acceptedConnection({ socket, listener: this.#listener, ip: this.#ip, tls })
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

async function storeOf(
  ids: readonly number[],
  textIndex: { readonly documents: boolean } | undefined,
): Promise<TestStore> {
  const store = await startStore(textIndex ? { textIndex } : {})
  for (const id of ids) await store.accounts.putAccount(account(id), { quotaBytes: 0 })
  return store
}

async function command(peer: Peer, text: string): Promise<void> {
  peer.send(`scene ${text}`)
  for (;;) {
    const line = await peer.next()
    if (line.startsWith('scene OK')) return
    if (line.startsWith('scene ') || line === '(closed)') throw new Error(`${text}: ${line}`)
  }
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}
