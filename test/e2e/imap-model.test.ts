import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Peer } from '../support/dialog.ts'
import { ImapStage } from '../support/imap-stage.ts'

/**
 * Several clients do whatever comes to mind to one mailbox, at the same time. Each believes exactly what it is told; what it
 * believes must never contradict itself, and in the end all must believe the same. The third speaks QRESYNC (RFC 7162): it naps
 * now and then, and what it hears when it wakes up must be all that it missed. The fourth said NOTIFY (RFC 5465): it is told of
 * everything at once, whatever it does meanwhile, but of what is gone only where numbers may shift.
 */
let stage: ImapStage
let clients: ModelClient[] = []

beforeAll(async () => {
  stage = new ImapStage({ appendLimit: 1000 })
  clients = await Promise.all([1, 2, 3, 4].map((name) => ModelClient.open(name)))
})
afterAll(() => stage.end())

class ModelClient {
  readonly #peer: Peer
  /** Uid and flags by number; undefined where the client was not told yet. */
  #believed: { uid: number | undefined; flags: string | undefined }[] = []
  #tags = 0
  readonly #qresync: boolean
  #uidValidity = 0
  /** The highest counter that it heard of. */
  #modSeq = 0
  /** While it wakes up: the numbers that were said with uids. */
  #waking: Map<number, number> | undefined
  #exists = 0
  asleep = false

  private constructor(peer: Peer, qresync: boolean) {
    this.#peer = peer
    this.#qresync = qresync
  }

  static async open(name: number): Promise<ModelClient> {
    const client = new ModelClient(await stage.connect(`m${name}`), name === 3)
    await client.#peer.next()
    await client.run('LOGIN ann@home.test secret')
    if (client.#qresync) await client.run('ENABLE QRESYNC')
    if (name === 4)
      await client.run(`NOTIFY SET (selected-delayed (MessageNew (FLAGS UID) MessageExpunge FlagChange))`)
    await client.select()
    return client
  }

  get count(): number {
    return this.#believed.length
  }

  async select(): Promise<void> {
    await this.run('SELECT INBOX')
    await this.look()
  }

  /** Learns what it does not know yet. */
  async look(): Promise<void> {
    if (this.count > 0) await this.run('FETCH 1:* (UID FLAGS)')
  }

  /** Learns all that it counts, remembers it and looks away. */
  async fallAsleep(): Promise<void> {
    if (!this.#qresync || this.asleep) return
    do {
      await this.run('NOOP')
      await this.look()
      await this.run('NOOP')
    } while (this.#believed.some(({ uid, flags }) => uid === undefined || flags === undefined))
    await this.run('UNSELECT')
    this.asleep = true
  }

  /** `memory`: how well the client remembers the counter, and how much it tells of what it knows. */
  async wakeUp(memory: { since: 'then' | 'long ago'; tells: 'nothing' | 'uids' | 'numbers' }): Promise<void> {
    if (!this.asleep) return
    this.asleep = false
    this.#waking = new Map()
    const uids = this.#believed.flatMap(({ uid }) => uid ?? [])
    const known = memory.tells === 'uids' ? ' 1:4294967295' : ''
    const match = ` (${uids.map((_, index) => index + 1).join()} ${uids.join()})`
    const numbers = memory.tells === 'numbers' && uids.length > 0 ? match : ''
    const since = memory.since === 'then' ? this.#modSeq : 1
    await this.run(`SELECT INBOX (QRESYNC (${this.#uidValidity} ${since}${known}${numbers}))`)
    const heard = this.#waking
    this.#waking = undefined
    this.#believed.sort((a, b) => (a.uid ?? 0) - (b.uid ?? 0))
    expect(this.count, 'nothing was missed').toBe(this.#exists)
    for (const [number, uid] of heard) expect(this.#believed[number - 1]?.uid, `number ${number}`).toBe(uid)
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
        expect(line, command).toMatch(/^t\d+ (?:OK|NO \[(?:EXPUNGEISSUED|NONEXISTENT)\])/)
        return
      } else this.#hear(line, counts)
    }
  }

  #hear(line: string, counts: boolean): void {
    // What was said before is of the time before.
    if (line.startsWith('* OK [CLOSED]')) this.#believed = []
    const counter = /MODSEQ \(?(\d+)/.exec(line)?.[1]
    if (counter !== undefined) this.#modSeq = Math.max(this.#modSeq, Number(counter))
    const validity = /UIDVALIDITY (\d+)/.exec(line)?.[1]
    if (validity !== undefined) this.#uidValidity = Number(validity)
    const vanished = /^\* VANISHED (?:\((EARLIER)\) )?(\S+)$/.exec(line)
    if (!vanished) this.#hearOfNumber(line, counts)
    else {
      expect(counts, 'VANISHED while numbers count').toBe(false)
      this.#hearVanished(vanished[2] ?? '', vanished[1] !== undefined)
    }
  }

  #hearVanished(set: string, earlier: boolean): void {
    expect(this.#qresync).toBe(true)
    expect(earlier, 'EARLIER').toBe(this.#waking !== undefined)
    const { names, count } = uidsIn(set)
    const before = this.count
    this.#believed = this.#believed.filter(({ uid }) => uid === undefined || !names(uid))
    const unknown = earlier ? 0 : count - (before - this.count)
    if (unknown === 0) return
    // Gone before their uids were asked for: which numbers they had is not known.
    const first = this.#believed.findIndex(({ uid }) => uid === undefined)
    expect(first, 'something unknown went').toBeGreaterThanOrEqual(0)
    const left = this.count - unknown - first
    this.#believed.length = first
    while (this.count < first + left) this.#believed.push({ uid: undefined, flags: undefined })
  }

  #hearOfNumber(line: string, counts: boolean): void {
    const [, number = '', what = '', rest = ''] = /^\* (\d+) (\w+) ?(.*)$/.exec(line) ?? []
    const index = Number(number) - 1
    if (what === 'EXISTS' && this.#waking) this.#exists = Number(number)
    else if (what === 'FETCH' && this.#waking) this.#hearWaking(Number(number), rest, this.#waking)
    else if (what === 'EXISTS') {
      expect(Number(number)).toBeGreaterThanOrEqual(this.count)
      while (this.count < Number(number)) this.#believed.push({ uid: undefined, flags: undefined })
    } else if (what === 'EXPUNGE') {
      expect(this.#qresync, 'EXPUNGE for those who know uids').toBe(false)
      expect(counts, 'EXPUNGE while numbers count').toBe(false)
      expect(index).toBeLessThan(this.count)
      this.#believed.splice(index, 1)
    } else if (what === 'FETCH') this.#hearFetch(index, rest)
  }

  #hearWaking(number: number, items: string, heard: Map<number, number>): void {
    const [, uid, flags] = /^\(UID (\d+) MODSEQ \(\d+\) FLAGS \(([^)]*)\)\)$/.exec(items) ?? []
    if (uid === undefined) throw new Error(`FETCH of ${number} says ${items}`)
    heard.set(number, Number(uid))
    const known = this.#believed.find((each) => each.uid === Number(uid))
    if (known) known.flags = flags
    else this.#believed.push({ uid: Number(uid), flags })
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
    // Its own change, not said: it has to look.
    else if (items.includes('MODSEQ')) message.flags = undefined
    const uids = this.#believed.flatMap((each) => each.uid ?? [])
    expect(uids, 'uids ascend').toEqual([...uids].sort((a, b) => a - b))
  }

  get lowestUid(): number {
    return this.#believed[0]?.uid ?? 1
  }

  get belief(): string[] {
    return this.#believed.map(({ uid, flags }) => `${uid} ${flags}`)
  }
}

/** `1:3,7` */
function uidsIn(set: string): { names: (uid: number) => boolean; count: number } {
  const ranges = set.split(',').map((each) => {
    const [first = 0, last = first] = each.split(':').map(Number)
    return { first, last }
  })
  return {
    names: (uid) => ranges.some(({ first, last }) => uid >= first && uid <= last),
    count: ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0),
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
/** Of the uids that it knows, and some that are none. */
const byUid = (make: (set: string) => string) =>
  range.map(
    ([first, more]): Act =>
      (client) =>
        client.run(make(`${client.lowestUid + first * 2}:${client.lowestUid + (first + more) * 2}`)),
  )

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
  { weight: 1, arbitrary: numbered((set) => `REPLACE ${set.split(':')[0]} INBOX (\\Draft) {14}`) },
  { weight: 1, arbitrary: byUid((set) => `UID EXPUNGE ${set}`) },
  { weight: 1, arbitrary: fc.constant<Act>((client) => client.select()) },
  { weight: 2, arbitrary: fc.constant<Act>((client) => client.fallAsleep()) },
)

const memory = fc.record({
  since: fc.constantFrom('then' as const, 'then' as const, 'long ago' as const),
  tells: fc.constantFrom('nothing' as const, 'uids' as const, 'numbers' as const),
})

/** In `npm test`; `npm run fuzz` takes a million. */
const steps = Number(process.env['MODEL_STEPS'] ?? 20_000)
/** Four clients in six rounds on average. */
const stepsPerRun = 24
/** A mailbox that only grows would make each step slower than the one before. */
const mostMessages = 40

/** Everybody hears of it; who is asleep does not exist between two runs. */
async function clear(): Promise<void> {
  const [first] = clients
  if (!first || first.count <= mostMessages) return
  await first.run('UID STORE 1:* +FLAGS.SILENT (\\Deleted)')
  await first.run('EXPUNGE')
  for (const client of clients) await client.run('NOOP')
}

test(
  'clients that do as they please all come to believe the same',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(act, act, act, act), { minLength: 1, maxLength: 12 }),
        memory,
        async (rounds, memory) => {
          for (const acts of rounds) {
            await Promise.all(
              acts.map(async (each, index) => {
                const client = clients[index] as ModelClient
                if (!client.asleep) await each(client)
              }),
            )
          }
          const woken = clients.filter(({ asleep }) => asleep)
          for (const client of woken) await client.wakeUp(memory)
          for (const client of clients) await client.run('NOOP')
          for (const client of clients) if (!woken.includes(client)) await client.look()
          const beliefs = clients.map(({ belief }) => belief)
          // `.SILENT` leaves the client to work out its own change: it asks again above.
          expect(beliefs[1]).toEqual(beliefs[0])
          expect(beliefs[2]).toEqual(beliefs[0])
          expect(beliefs[3]).toEqual(beliefs[0])
          await clear()
        },
      ),
      { endOnFailure: true, numRuns: Math.ceil(steps / stepsPerRun) },
    )
  },
  120_000 + steps * 10,
)
