import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fold, holds, needleOf } from '../../../lib/search/fold.ts'
import type { ColumnValue } from '../../../ports/mail-columns.ts'
import type { Mailbox } from '../../../ports/mail-store.ts'
import { SharedImage } from '../selected/image.ts'
import { casemap } from './casemap.ts'
import { NumberColumn, RankColumn } from './columns.ts'
import { MailboxColumns } from './mailbox-columns.ts'
import { TextColumn } from './text-column.ts'

const rowsAtOnce = 3

/** A mailbox, who has it open, and what was learned of it. */
class World {
  readonly image = new SharedImage({
    mailbox: { id: 1, uidNext: 1, highestModSeq: 0 } as Mailbox,
    uids: new Uint32Array(0),
    flags: new Uint32Array(0),
    modSeqs: new Float64Array(0),
  })
  readonly columns = new MailboxColumns()
  readonly texts = new Map<number, string>()
  #modSeq = 0
  #nextUid = 1

  readonly source = {
    column: async (name: string, from: number) => {
      const rows = [...this.texts].filter(([uid]) => uid >= from).slice(0, rowsAtOnce)
      const value = (text: string): ColumnValue => (name === 'size' ? text.length : text)
      return { uids: rows.map(([uid]) => uid), values: rows.map(([, text]) => value(text)) }
    },
  }

  arrive(texts: readonly string[]): void {
    const uids = texts.map((text) => {
      this.texts.set(this.#nextUid, text)
      return this.#nextUid++
    })
    this.#change({ arrived: uids.map((uid) => ({ uid, flags: 0, modSeq: 1 })) })
  }

  expunge(pick: number): void {
    const uids = [...this.texts.keys()]
    const uid = uids[pick % uids.length]
    if (uid === undefined) return
    this.texts.delete(uid)
    this.#change({ expunged: [uid] })
  }

  async check(wanted: string): Promise<void> {
    const present = [...this.texts]
    const needle = needleOf(wanted)
    const make = () => new TextColumn(needle.ignoresAccents ? 'plain' : 'exact')
    const key = `subject ${needle.ignoresAccents}`
    const [column, sizes, ranked] = await Promise.all([
      this.columns.load(this.source, this.image, key, 'subject', make),
      this.columns.load(this.source, this.image, 'size', 'size', () => new NumberColumn()),
      this.columns.load(this.source, this.image, 'rank', 'subject', () => new RankColumn()),
    ])
    const { uids } = this.columns
    const found = [...(await column.find(needle))].map((position) => uids[position] ?? 0)
    expect(found.filter((uid) => this.texts.has(uid))).toEqual(
      present.filter(([, text]) => holds(fold(text), needle)).map(([uid]) => uid),
    )
    const at = (uid: number) => this.columns.positionsOf([uid])[0] ?? -1
    for (const [uid, text] of present) expect(sizes.values[at(uid)]).toBe(text.length)
    const ranks = await ranked.ranks()
    for (const [uid, text] of present) {
      for (const [other, otherText] of present) {
        const [left, right] = [casemap(text), casemap(otherText)]
        expect(Math.sign((ranks[at(uid)] ?? 0) - (ranks[at(other)] ?? 0))).toBe(
          Number(left > right) - Number(left < right),
        )
      }
    }
    expect(this.columns.missingFor(key, this.image)).toBe(0)
  }

  #change(change: Partial<Parameters<SharedImage['apply']>[0]>): void {
    this.image.apply({ modSeq: ++this.#modSeq, arrived: [], flagged: [], expunged: [], ...change })
  }
}

const letters = fc.string({ unit: fc.constantFrom('a', 'B', 'ä', 'é', 'e', '本', 'ß', ' '), maxLength: 4 })
const step = fc.oneof(
  fc.record({ kind: fc.constant('arrive' as const), texts: fc.array(letters, { maxLength: 8 }) }),
  fc.record({ kind: fc.constant('expunge' as const), pick: fc.nat(50) }),
  fc.record({ kind: fc.constant('look' as const), wanted: letters }),
)

test('columns tell what the messages tell, whoever comes and goes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), letters, async (steps, last) => {
      const world = new World()
      for (const each of steps) {
        if (each.kind === 'arrive') world.arrive(each.texts)
        else if (each.kind === 'expunge') world.expunge(each.pick)
        else await world.check(each.wanted)
      }
      await world.check(last)
    }),
    { numRuns: 150 },
  )
})

test('nothing is found across two texts', async () => {
  const column = new TextColumn('plain')
  for (const text of ['ab', 'cd', '', 'bc']) column.push(text)
  expect([...(await column.find(needleOf('bc')))]).toEqual([3])
  expect([...(await column.find(needleOf('D')))]).toEqual([1])
})
