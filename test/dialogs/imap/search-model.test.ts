import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ImapStage } from '../../support/imap-stage.ts'
import { account, sealed } from '../../support/store.ts'

interface Message {
  readonly from: string
  readonly subject: string
  /** Minutes after New Year 2026; undefined where there is no Date. */
  readonly date: number | undefined
  readonly received: number
  readonly body: number
}

const newYear = Date.UTC(2026, 0, 1)
const minute = 60_000

/** One client, and what it hears. */
class Client {
  readonly #peer: Awaited<ReturnType<ImapStage['connect']>>
  #tag = 0

  constructor(peer: Awaited<ReturnType<ImapStage['connect']>>) {
    this.#peer = peer
  }

  /** The untagged lines of the answer, and the tag. */
  async ask(command: string): Promise<{ tag: string; lines: string[] }> {
    const tag = `t${++this.#tag}`
    this.#peer.send(`${tag} ${command}`)
    for (const lines: string[] = []; ; ) {
      const line = await this.#peer.next()
      if (!line.startsWith(`${tag} `)) lines.push(line)
      else if (line.startsWith(`${tag} OK`)) return { tag, lines }
      else throw new Error(`${command}: ${line}`)
    }
  }

  async numbers(command: string, name: string): Promise<number[]> {
    const { lines } = await this.ask(command)
    const line = lines.find((each) => each.startsWith(`* ${name}`)) ?? ''
    return line.split(' ').slice(2).map(Number)
  }
}

async function onStage(run: (stage: ImapStage) => Promise<void>): Promise<void> {
  const stage = new ImapStage()
  try {
    await run(stage)
  } finally {
    await stage.end()
  }
}

async function client(stage: ImapStage, name: string): Promise<Client> {
  await stage.given(`${name} in INBOX`)
  return new Client(await stage.connect(name))
}

async function append(stage: ImapStage, messages: readonly Message[]): Promise<void> {
  const { store, bytes } = await stage.store()
  const inbox = await store.mailbox(account(1), 'INBOX')
  const sealedOnes = []
  for (const { from, subject, date, received, body } of messages) {
    const sent = date === undefined ? '' : `Date: ${new Date(newYear + date * minute).toUTCString()}\r\n`
    const text = `From: "${from} Name" <${from}@example.com>\r\nSubject: ${subject}\r\n${sent}\r\n${'x'.repeat(body)}\r\n`
    const message = await sealed(bytes, Buffer.from(text))
    sealedOnes.push({ message, flags: [], receivedAt: newYear + received * minute })
  }
  await store.append(account(1), inbox?.id ?? 0, sealedOnes)
}

const message: fc.Arbitrary<Message> = fc.record({
  from: fc.constantFrom('ann', 'Bob', 'bob', 'ann2', 'zoe'),
  subject: fc.constantFrom('apple', 'Apple', 'Re: apple', 'fwd: [x] pear', 'pear', 'Äpfel', 'äpfel', ''),
  date: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
  received: fc.integer({ min: 0, max: 20 }),
  body: fc.integer({ min: 0, max: 5 }),
})

type Compare = (a: Message, b: Message) => number

const collate = (a: string, b: string): number =>
  Buffer.compare(
    Buffer.from(a.toUpperCase().normalize('NFKD')),
    Buffer.from(b.toUpperCase().normalize('NFKD')),
  )

const base = (subject: string): string => subject.replace(/^(?:re: |fwd: |\[x\] )*/i, '')

const orders: Readonly<Record<string, Compare>> = {
  ARRIVAL: (a, b) => a.received - b.received,
  DATE: (a, b) => (a.date ?? a.received) - (b.date ?? b.received),
  FROM: (a, b) => collate(a.from, b.from),
  DISPLAYFROM: (a, b) => collate(`${a.from} Name`, `${b.from} Name`),
  SUBJECT: (a, b) => collate(base(a.subject), base(b.subject)),
  TO: () => 0,
}

const sortKey = fc.record({ name: fc.constantFrom(...Object.keys(orders)), reverse: fc.boolean() })

test('SORT puts messages where a plain sort puts them', async () => {
  await onStage(async (stage) => {
    const messages = fc.sample(message, { numRuns: 60, seed: 7 })
    await append(stage, messages)
    const ann = await client(stage, '1')
    const keys = fc.array(sortKey, { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(keys, fc.integer({ min: 0, max: 20 }), async (chosen, since) => {
        const words = chosen.map(({ name, reverse }) => (reverse ? `REVERSE ${name}` : name))
        const compare: Compare = (a, b) => {
          for (const { name, reverse } of chosen) {
            const order = (orders[name]?.(a, b) ?? 0) * (reverse ? -1 : 1)
            if (order !== 0) return order
          }
          return 0
        }
        const expected = messages
          .map((each, index) => ({ each, number: index + 1 }))
          .filter(({ number }) => number > since)
          .sort((a, b) => compare(a.each, b.each) || a.number - b.number)
        expect(await ann.numbers(`SORT (${words.join(' ')}) UTF-8 ${since + 1}:*`, 'SORT')).toEqual(
          expected.map(({ number }) => number),
        )
      }),
    )
  })
})

/** A result as a client keeps it by what it is told. RFC 5267 §4.3. */
function heard(uids: readonly number[], lines: readonly string[], tag: string): number[] {
  const result = [...uids]
  for (const line of lines.filter((each) => each.startsWith(`* ESEARCH (TAG "${tag}") UID`))) {
    for (const [, verb, pairs = ''] of line.matchAll(/(ADDTO|REMOVEFROM) \(([^)]*)\)/g)) {
      for (const [, position, set = ''] of pairs.matchAll(/(\d+) (\S+)/g)) {
        if (verb === 'ADDTO') addTo(result, Number(position), expand(set))
        else removeFrom(result, Number(position), expand(set))
      }
    }
  }
  return result
}

function addTo(result: number[], position: number, uids: readonly number[]): void {
  if (position > 0) result.splice(position - 1, 0, ...uids)
  else result.push(...uids)
}

function removeFrom(result: number[], position: number, uids: readonly number[]): void {
  if (position > 0) expect(result.splice(position - 1, uids.length)).toEqual(uids)
  else for (const uid of uids) expect(result.splice(result.indexOf(uid), 1)).toEqual([uid])
}

function expand(set: string): number[] {
  return set.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split(':').map(Number)
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
}

const step = fc.oneof(
  fc.record({
    kind: fc.constant('append' as const),
    messages: fc.array(message, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constant('store' as const),
    number: fc.nat(20),
    flag: fc.constantFrom('\\Flagged', '\\Deleted', '\\Seen'),
    sign: fc.constantFrom('+', '-'),
    own: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('expunge' as const), own: fc.boolean() }),
  fc.record({ kind: fc.constant('look' as const) }),
)

const searches = [
  ['UID SEARCH #', 'FLAGGED'],
  ['UID SORT # (SUBJECT REVERSE DATE) UTF-8', 'NOT DELETED SUBJECT apple'],
  ['UID SEARCH #', 'OR SEEN FROM bob'],
  ['UID SORT # (REVERSE FROM) UTF-8', 'BODY xx'],
] as const

/** Follows all of them, and compares what it was told with what it finds. */
class Follower {
  readonly #client: Client
  readonly #told: string[] = []
  readonly #results = new Map<string, { command: string; uids: number[] }>()

  constructor(asking: Client) {
    this.#client = asking
  }

  async begin(): Promise<void> {
    for (const [command, key] of searches) {
      const { tag, lines } = await this.#client.ask(`${command.replace('#', 'RETURN (UPDATE ALL)')} ${key}`)
      const [, all] = / ALL (\S+)/.exec(lines.join('\n')) ?? []
      const uids = all === undefined ? [] : expand(all)
      this.#results.set(tag, { command: `${command.replace(' #', '')} ${key}`, uids })
    }
  }

  async say(command: string): Promise<void> {
    this.#told.push(...(await this.#client.ask(command)).lines)
  }

  async check(): Promise<void> {
    await this.say('NOOP')
    for (const [tag, result] of this.#results) {
      result.uids = heard(result.uids, this.#told, tag)
      const name = result.command.startsWith('UID SORT') ? 'SORT' : 'SEARCH'
      const found = await this.#client.numbers(result.command, name)
      expect(name === 'SORT' ? result.uids : result.uids.toSorted((a, b) => a - b)).toEqual(found)
    }
    this.#told.length = 0
  }
}

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

async function follow(stage: ImapStage, steps: readonly Step[]): Promise<void> {
  await append(stage, fc.sample(message, { numRuns: 6, seed: 3 }))
  const ann = new Follower(await client(stage, '1'))
  const bob = await client(stage, '2')
  await ann.begin()
  const say = async (own: boolean, command: string): Promise<void> => {
    if (own) await ann.say(command)
    else await bob.ask(command)
  }
  for (const each of steps) {
    if (each.kind === 'append') await append(stage, each.messages)
    else if (each.kind === 'expunge') await say(each.own, 'EXPUNGE')
    else if (each.kind === 'look') await ann.check()
    else await say(each.own, `UID STORE ${each.number + 1} ${each.sign}FLAGS.SILENT (${each.flag})`)
  }
  await ann.check()
}

test('what a client is told of a followed search adds up to what it would find', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), (steps) =>
      onStage((stage) => follow(stage, steps)),
    ),
    { numRuns: 25 },
  )
}, 60_000)
