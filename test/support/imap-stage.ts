import { createImap } from '../../src/modules/imap/index.ts'
import type { ConnectionHandler } from '../../src/ports/connection.ts'
import type { Peer } from './dialog.ts'
import { createFakeAccounts } from './fakes/accounts.ts'
import { oldServers } from './fakes/old-servers.ts'
import { createFakeLog, silentMeter } from './fakes/runtime.ts'
import { octetsOf } from './loopback.ts'
import { credentialsOf, type People, type Scenes, SessionStage, scramOf, storeOf } from './session-stage.ts'
import { account, mail, sealed, type TestStore } from './store.ts'

type Settings = Parameters<typeof createImap>[0]['settings']

const defaultSettings: Settings = {
  hostname: 'mail.home.test',
  allowPlaintextAuth: true,
  offerScram: true,
  switchedOff: [],
  messageLimit: 1_000_000,
  maxConnectionsPerUserAndIp: 20,
  appendLimit: 100_000,
  scriptServer: 'sieve://mail.home.test',
}

/** Who lives here, and their accounts. */
const people: People = {
  'ann@home.test': 1,
  'bob@home.test': 2,
  'cid@home.test': 3,
}

/**
 * One IMAP server. `given 1 in INBOX` and `1 signed in` bring a client of ann's so far without a word in the transcript, `2 signed in
 * as bob@home.test` one of somebody else; the other scenes: `scenes`.
 */
export class ImapStage extends SessionStage<Settings> {
  #textIndex: { readonly documents: boolean } | undefined
  /** First of all: there shall be an index of words. */
  #isBegun = false

  constructor(settings: Partial<Settings> = {}) {
    super('imap', { ...defaultSettings, ...settings })
  }

  protected startStore(): Promise<TestStore> {
    this.#isBegun = true
    return storeOf(Object.values(people), this.#textIndex ? { textIndex: this.#textIndex } : {})
  }

  protected serve({ store, search, shares, bytes, clock }: TestStore): ConnectionHandler {
    return createImap({
      store,
      search,
      shares,
      events: { areAwaited: async () => false, happened: async () => undefined },
      accounts: createFakeAccounts(people),
      bytes,
      credentials: credentialsOf(people, 'imap', ['pässwörd %s ']),
      scram: scramOf(people),
      oldServers,
      clock,
      log: createFakeLog(this.events),
      meter: silentMeter,
      settings: this.settings,
    })
  }

  protected async signIn(peer: Peer, how: string): Promise<void> {
    await peer.next()
    const [, who = 'ann@home.test'] = /^signed in as (\S+)$/.exec(how) ?? []
    await ask(peer, `LOGIN ${who} secret`)
    const [, verb, mailbox = ''] = /^(in|looking at) (.*)$/.exec(how) ?? []
    if (verb) await ask(peer, `${verb === 'in' ? 'SELECT' : 'EXAMINE'} ${mailbox}`)
  }

  protected readonly scenes: Scenes = {
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
      if (!this.#isBegun) this.#textIndex = { documents: true }
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
    deflate: (name) => this.peerNamed(name).startDeflate(),
    pause: (name) => this.peerNamed(name).pause(),
    resume: (name) => this.peerNamed(name).resume(),
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
}

/** Sends a command and waits for its end; the lines before. */
export async function ask(peer: Peer, command: string): Promise<string[]> {
  peer.send(`x ${command}`)
  const lines: string[] = []
  for (;;) {
    const line = await peer.next()
    if (line.startsWith('x OK')) return lines
    if (line.startsWith('x ') || line === '(closed)') throw new Error(`${command}: ${line}`)
    lines.push(line)
  }
}
