import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Peer } from '../support/dialog.ts'
import { ImapStage } from '../support/imap-stage.ts'
import '../support/fuzz.ts'

/**
 * Several clients do whatever comes to mind to one mailbox, at the same time. Each believes exactly what it is told; what it
 * believes must never contradict itself, and in the end all must believe the same.
 */
let stage: ImapStage
let clients: ModelClient[] = []

beforeAll(async () => {
  stage = new ImapStage({ appendLimit: 1000 })
  clients = await Promise.all([1, 2, 3].map((name) => ModelClient.open(name)))
})
afterAll(() => stage.end())

class ModelClient {
  readonly #peer: Peer
  /** Uid and flags by number; undefined where the client was not told yet. */
  #believed: { uid: number | undefined; flags: string | undefined }[] = []
  #tags = 0

  private constructor(peer: Peer) {
    this.#peer = peer
  }

  static async open(name: number): Promise<ModelClient> {
    const client = new ModelClient(await stage.connect(`m${name}`))
    await client.#peer.next()
    await client.run('LOGIN ann@home.test secret')
    await client.select()
    return client
  }

  get count(): number {
    return this.#believed.length
  }

  async select(): Promise<void> {
    this.#believed = []
    await this.run('SELECT INBOX')
    await this.look()
  }

  /** Learns what it does not know yet. */
  async look(): Promise<void> {
    if (this.count > 0) await this.run('FETCH 1:* (UID FLAGS)')
  }

  /** Sends it and hears everything up to its end. */
  async run(command: string): Promise<void> {
    const tag = `t${++this.#tags}`
    this.#peer.send(`${tag} ${command}`)
    const counts = /^(?:FETCH|STORE|SEARCH) /.test(command)
    for (;;) {
      const line = await this.#peer.next()
      if (line === '(closed)') throw new Error('the server hung up')
      if (line.startsWith('+ ')) this.#peer.send('Subject: x\\r\\n\\r\\n')
      else if (line.startsWith(`${tag} `)) {
        expect(line, command).toMatch(/^t\d+ (?:OK|NO \[EXPUNGEISSUED\])/)
        return
      } else this.#hear(line, counts)
    }
  }

  #hear(line: string, counts: boolean): void {
    const [, number = '', what = '', rest = ''] = /^\* (\d+) (\w+) ?(.*)$/.exec(line) ?? []
    const index = Number(number) - 1
    if (what === 'EXISTS') {
      expect(Number(number)).toBeGreaterThanOrEqual(this.count)
      while (this.count < Number(number)) this.#believed.push({ uid: undefined, flags: undefined })
    } else if (what === 'EXPUNGE') {
      expect(counts, 'EXPUNGE while numbers count').toBe(false)
      expect(index).toBeLessThan(this.count)
      this.#believed.splice(index, 1)
    } else if (what === 'FETCH') this.#hearFetch(index, rest)
  }

  #hearFetch(index: number, items: string): void {
    const message = this.#believed[index]
    if (!message) throw new Error(`FETCH of ${index + 1} of ${this.count}`)
    const uid = /UID (\d+)/.exec(items)?.[1]
    if (uid !== undefined) {
      expect(message.uid ?? Number(uid), `number ${index + 1}`).toBe(Number(uid))
      message.uid = Number(uid)
    }
    const flags = /FLAGS \(([^)]*)\)/.exec(items)?.[1]
    if (flags !== undefined) message.flags = flags
    const uids = this.#believed.flatMap((each) => each.uid ?? [])
    expect(uids, 'uids ascend').toEqual([...uids].sort((a, b) => a - b))
  }

  get belief(): string[] {
    return this.#believed.map(({ uid, flags }) => `${uid} ${flags}`)
  }
}

type Act = (client: ModelClient) => Promise<void>

const flag = fc.constantFrom('\\Seen', '\\Flagged', '\\Deleted', '\\Answered', 'Label', '$Other')
const range = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 4 }))

/** Numbers the client believes in; nothing where there are none. */
const numbered = (make: (set: string) => string) =>
  range.map(
    ([first, more]): Act =>
      async (client) => {
        if (client.count === 0) return
        const from = Math.min(first, client.count)
        await client.run(make(`${from}:${Math.min(from + more, client.count)}`))
      },
  )
const said =
  (command: string): Act =>
  (client) =>
    client.run(command)
const byUid = (make: (set: string) => string) =>
  range.map(([first, more]): Act => said(make(`${first * 3}:${first * 3 + more * 2}`)))

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: flag.map((each) => said(`APPEND INBOX (${each}) {14}`)) },
  { weight: 3, arbitrary: flag.chain((each) => numbered((set) => `STORE ${set} +FLAGS (${each})`)) },
  { weight: 2, arbitrary: flag.chain((each) => numbered((set) => `STORE ${set} -FLAGS.SILENT (${each})`)) },
  { weight: 2, arbitrary: flag.chain((each) => byUid((set) => `UID STORE ${set} FLAGS (${each})`)) },
  { weight: 2, arbitrary: numbered((set) => `FETCH ${set} (UID FLAGS)`) },
  { weight: 1, arbitrary: numbered((set) => `FETCH ${set} (BODY[]<0.4>)`) },
  { weight: 1, arbitrary: byUid((set) => `UID FETCH ${set} (FLAGS)`) },
  { weight: 1, arbitrary: numbered((set) => `COPY ${set} INBOX`) },
  { weight: 1, arbitrary: byUid((set) => `UID MOVE ${set} Archive`) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      said('EXPUNGE'),
      said('NOOP'),
      said('SEARCH UNSEEN'),
      said('UID SEARCH DELETED'),
    ),
  },
  { weight: 1, arbitrary: byUid((set) => `UID EXPUNGE ${set}`) },
  { weight: 1, arbitrary: fc.constant<Act>((client) => client.select()) },
)

test('clients that do as they please all come to believe the same', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(act, act, act), { minLength: 1, maxLength: 12 }), async (rounds) => {
      for (const acts of rounds) {
        await Promise.all(acts.map((each, index) => each(clients[index] as ModelClient)))
      }
      for (const client of clients) await client.run('NOOP')
      for (const client of clients) await client.look()
      const beliefs = clients.map(({ belief }) => belief)
      // `.SILENT` leaves the client to work out its own change: it asks again above.
      expect(beliefs[1]).toEqual(beliefs[0])
      expect(beliefs[2]).toEqual(beliefs[0])
    }),
    { endOnFailure: true },
  )
})
