import {
  type Arbitrary,
  array,
  assert,
  asyncProperty,
  constantFrom,
  integer,
  oneof,
  record,
} from 'fast-check'
import { expect, test } from 'vitest'
import { flagBits } from '../../src/lib/flags.ts'
import type { MailboxId } from '../../src/ports/mail-store.ts'
import { account, appendTo, mail, startStore, type TestStore } from '../support/store.ts'

const ann = account(1)
const names = ['INBOX', 'Archive', 'Trash'] as const
type Name = (typeof names)[number]

/** The store as it should be: a list of messages per mailbox, nothing else. */
interface Message {
  readonly uid: number
  readonly text: string
  flags: number
}
class Model {
  readonly boxes: Record<Name, Message[]> = { INBOX: [], Archive: [], Trash: [] }
  readonly next: Record<Name, number> = { INBOX: 1, Archive: 1, Trash: 1 }

  add(name: Name, text: string, flags: number): void {
    this.boxes[name].push({ uid: this.next[name]++, text, flags })
  }

  chosen(name: Name, picks: readonly number[]): Message[] {
    return this.boxes[name].filter(({ uid }) => picks.includes(uid % 7))
  }

  remove(name: Name, gone: readonly Message[]): void {
    this.boxes[name] = this.boxes[name].filter((message) => !gone.includes(message))
  }
}

type Step = (at: TestStore, model: Model, ids: Record<Name, MailboxId>) => Promise<void>

const anyName = constantFrom(...names)
const anyPicks = array(integer({ min: 0, max: 6 }), { maxLength: 4 })
const anyFlag = constantFrom('\\Seen', '\\Deleted', '\\Flagged')

const appends: Arbitrary<Step> = record({ name: anyName, size: integer({ min: 0, max: 300 }) }).map(
  ({ name, size }) =>
    async (at, model) => {
      const text = mail({ body: 'x'.repeat(size) })
      await appendTo(at, ann, name, text)
      model.add(name, text, 0)
    },
)

const flags: Arbitrary<Step> = record({
  name: anyName,
  picks: anyPicks,
  flag: anyFlag,
  mode: constantFrom('add', 'remove', 'replace'),
}).map(({ name, picks, flag, mode }) => async (at, model, ids) => {
  const chosen = model.chosen(name, picks)
  await at.store.changeFlags(
    ann,
    ids[name],
    chosen.map(({ uid }) => uid),
    { mode, flags: [flag] },
  )
  const bit = flagBits[flag]
  for (const message of chosen) {
    message.flags = { add: message.flags | bit, remove: message.flags & ~bit, replace: bit }[mode]
  }
})

const transfers: Arbitrary<Step> = record({
  from: anyName,
  to: anyName,
  picks: anyPicks,
  how: constantFrom('copy', 'move'),
}).map(({ from, to, picks, how }) => async (at, model, ids) => {
  const chosen = model.chosen(from, picks)
  await at.store[how](
    ann,
    ids[from],
    chosen.map(({ uid }) => uid),
    ids[to],
  )
  if (how === 'move') model.remove(from, chosen)
  for (const { text, flags: kept } of chosen) model.add(to, text, kept)
})

const expunges: Arbitrary<Step> = anyName.map((name) => async (at, model, ids) => {
  await at.store.expunge(ann, ids[name])
  model.remove(
    name,
    model.boxes[name].filter((message) => (message.flags & flagBits['\\Deleted']) !== 0),
  )
})

async function compare(at: TestStore, model: Model, ids: Record<Name, MailboxId>): Promise<void> {
  let used = 0
  for (const name of names) {
    const expected = model.boxes[name]
    const image = await at.store.image(ann, ids[name])
    expect([...(image?.uids ?? [])]).toEqual(expected.map(({ uid }) => uid))
    expect([...(image?.flags ?? [])]).toEqual(expected.map((message) => message.flags))
    const bytes = expected.reduce((sum, { text }) => sum + text.length, 0)
    used += bytes
    expect(image?.mailbox).toMatchObject({
      uidNext: model.next[name],
      messages: expected.length,
      unseen: expected.filter((message) => (message.flags & flagBits['\\Seen']) === 0).length,
      deleted: expected.filter((message) => (message.flags & flagBits['\\Deleted']) !== 0).length,
      bytes,
    })
  }
  expect((await at.store.usage(ann)).usedBytes).toBe(used)
}

test('whatever is done, the store is what a list of messages would be', async () => {
  const anySteps = array(oneof({ weight: 3, arbitrary: appends }, flags, transfers, expunges), {
    maxLength: 25,
  })
  await assert(
    asyncProperty(anySteps, async (steps) => {
      const at = await startStore()
      try {
        await at.accounts.putAccount(ann, { quotaBytes: 0 })
        const mailboxes = await at.store.mailboxes(ann)
        const idOf = (name: Name) => mailboxes.find((mailbox) => mailbox.name === name)?.id ?? 0
        const ids = { INBOX: idOf('INBOX'), Archive: idOf('Archive'), Trash: idOf('Trash') }
        const model = new Model()
        for (const step of steps) {
          await step(at, model, ids)
          await compare(at, model, ids)
        }
        expect((await at.care.verify()).problems).toEqual([])
      } finally {
        await at.end()
      }
    }),
    { numRuns: 25 },
  )
})
