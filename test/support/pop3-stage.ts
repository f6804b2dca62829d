import { createPop3 } from '../../src/modules/pop3/index.ts'
import type { ConnectionHandler } from '../../src/ports/connection.ts'
import type { ScramVerifier } from '../../src/ports/credentials.ts'
import type { MailStore } from '../../src/ports/mail-store.ts'
import type { Peer } from './dialog.ts'
import { oldServers } from './fakes/old-servers.ts'
import { createFakeLog, silentMeter } from './fakes/runtime.ts'
import { octetsOf } from './loopback.ts'
import { credentialsOf, type People, type Scenes, SessionStage, scramOf, storeOf } from './session-stage.ts'
import { account, appendTo, mail, type TestStore } from './store.ts'

type Settings = Parameters<typeof createPop3>[0]['settings']

const defaultSettings: Settings = {
  hostname: 'mail.home.test',
  allowPlaintextAuth: true,
  offerScram: true,
}

/** Who lives here, and their accounts. Zoe has no mailbox yet. */
const people: People = {
  'ann@home.test': 1,
  'bob@home.test': 2,
  'zoe@home.test': 9,
}

const arithmetic = scramOf({ 'ann@home.test': 1 })

const scram: ScramVerifier = {
  begin: async (attempt) =>
    attempt.login === 'throttled@home.test'
      ? { kind: 'throttled', retryAfterSeconds: 60 }
      : await arithmetic.begin(attempt),
  finish: (attempt) => arithmetic.finish(attempt),
}

/** One POP3 server. `given 1 signed in`: as ann. */
export class Pop3Stage extends SessionStage<Settings> {
  /** From now on nothing can be removed. */
  #diskIsFull = false

  constructor(settings: Partial<Settings> = {}) {
    super('pop3', { ...defaultSettings, ...settings })
  }

  protected startStore(): Promise<TestStore> {
    return storeOf([1, 2])
  }

  protected serve({ store, clock }: TestStore): ConnectionHandler {
    const full = { kind: 'later', reason: 'disk-full', text: 'The disk is full' } as const
    const remove: MailStore['remove'] = async (...args) =>
      this.#diskIsFull ? full : await store.remove(...args)
    return createPop3({
      store: new Proxy(store, {
        get: (target, name) => (name === 'remove' ? remove : Reflect.get(target, name)),
      }),
      credentials: credentialsOf(people, 'pop3', [' secret ', 'pässwörd %s ']),
      scram,
      oldServers,
      clock,
      log: createFakeLog(this.events),
      meter: silentMeter,
      settings: this.settings,
    })
  }

  protected async signIn(peer: Peer): Promise<void> {
    for (const line of ['', 'USER ann@home.test', 'PASS secret']) {
      if (line !== '') peer.send(line)
      const answer = await peer.next()
      if (!answer.startsWith('+OK')) throw new Error(`${line}: ${answer}`)
    }
  }

  protected readonly scenes: Scenes = {
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
      this.events.push({ level: 'info', event: 'flags', fields: Object.fromEntries(shown) })
    },
    'disk-full': () => {
      this.#diskIsFull = true
    },
    restart: async () => await this.restart(),
  }
}

async function inboxOf(store: MailStore): Promise<number> {
  return (await store.mailbox(account(1), 'INBOX'))?.id ?? 0
}
