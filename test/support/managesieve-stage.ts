import { createManageSieve } from '../../src/modules/managesieve/index.ts'
import { createSieve, createSieveScripts } from '../../src/modules/sieve/index.ts'
import type { ConnectionHandler } from '../../src/ports/connection.ts'
import type { ScriptStore, SieveScripts } from '../../src/ports/sieve-scripts.ts'
import type { Peer } from './dialog.ts'
import { createFakeLog, silentMeter } from './fakes/runtime.ts'
import { credentialsOf, type People, type Scenes, SessionStage, scramOf, storeOf } from './session-stage.ts'
import { account, type TestStore } from './store.ts'

type Settings = Parameters<typeof createManageSieve>[0]['settings']

const defaultSettings: Settings = {
  allowPlaintextAuth: true,
  offerScram: true,
  maxConnectionsPerUserAndIp: 3,
  maxRedirects: 4,
  scriptBytes: 5_000,
}

/** Who lives here, and their accounts. Zoe has no mailbox yet. */
const people: People = {
  'ann@home.test': 1,
  'bob@home.test': 2,
  'zoe@home.test': 9,
}

/** One ManageSieve server. `given 1 signed in`: as ann; `2 signed in as bob`. */
export class ManageSieveStage extends SessionStage<Settings> {
  /** From now on nothing can be kept. */
  #diskIsFull = false

  constructor(settings: Partial<Settings> = {}) {
    super('sieve', { ...defaultSettings, ...settings })
  }

  protected startStore(): Promise<TestStore> {
    return storeOf([1, 2])
  }

  protected async serve({ clock }: TestStore): Promise<ConnectionHandler> {
    return createManageSieve({
      scripts: await this.#scripts(),
      engine: createSieve(),
      credentials: credentialsOf(people, 'sieve', ['pässwörd %s "x"']),
      scram: scramOf(people),
      clock,
      log: createFakeLog(this.events),
      meter: silentMeter,
      settings: this.settings,
    })
  }

  protected async signIn(peer: Peer, how: string): Promise<void> {
    const [, person = 'ann'] = /^signed in as (\w+)$/.exec(how) ?? []
    const initial = Buffer.from(`\0${person}@home.test\0secret`).toString('base64')
    for (const line of ['', `AUTHENTICATE "PLAIN" "${initial}"`]) {
      if (line !== '') peer.send(line)
      for (let answer = await peer.next(); !answer.startsWith('OK'); answer = await peer.next())
        if (!answer.startsWith('"')) throw new Error(`${line}: ${answer}`)
    }
  }

  protected readonly scenes: Scenes = {
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
    // `long 1 70000`: so many octets and no line end
    long: (rest) => {
      const [name = '', octets] = rest.split(' ')
      this.peerNamed(name).send(`${'x'.repeat(Number(octets))}\\c`)
    },
  }

  async #scripts(): Promise<SieveScripts> {
    const { scripts } = await this.store()
    const full = { kind: 'later', reason: 'disk-full', text: 'The disk is full' } as const
    const writes = new Set<string | symbol>(['put', 'setActive', 'rename', 'remove'])
    const store: ScriptStore = new Proxy(scripts, {
      get: (target, name) =>
        this.#diskIsFull && writes.has(name) ? async () => full : Reflect.get(target, name),
    })
    const { scriptBytes } = this.settings
    return createSieveScripts({ store, limits: { scripts: 4, scriptBytes, bytes: 8_000 } })
  }
}
