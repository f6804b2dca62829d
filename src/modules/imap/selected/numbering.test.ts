import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FlagState, Mailbox } from '../../../ports/mail-store.ts'
import { SharedImage } from './image.ts'
import { Numbering } from './numbering.ts'

/** What a client believes, kept in the plainest way. */
class Client {
  readonly numbering: Numbering
  readonly uids: number[]

  constructor(image: SharedImage) {
    this.numbering = new Numbering(image, () => undefined)
    this.uids = image.count === 0 ? [] : this.numbering.uidsBetweenNumbers(1, image.count)
  }

  hearExpunges(atMost?: number): void {
    for (const { number, uid } of this.numbering.takeExpunges(atMost)) {
      expect(this.uids[number - 1]).toBe(uid)
      this.uids.splice(number - 1, 1)
    }
  }

  hearArrivals(world: readonly number[]): void {
    const exists = this.numbering.takeArrivals()
    if (exists === undefined) return
    const last = this.uids.at(-1) ?? 0
    this.uids.push(...world.filter((uid) => uid > last && !this.uids.includes(uid)))
    expect(exists).toBe(this.uids.length)
  }

  check(): void {
    const { numbering, uids } = this
    expect(numbering.count).toBe(uids.length)
    expect(numbering.uidsBetweenNumbers(1, uids.length)).toEqual(uids)
    for (const [index, uid] of uids.entries()) {
      expect(numbering.uidAt(index + 1)).toBe(uid)
      expect(numbering.numberOf(uid)).toBe(index + 1)
      expect(numbering.stateOf(uid)).toBeDefined()
    }
    expect(numbering.uidAt(uids.length + 1)).toBeUndefined()
    expect(numbering.uidAt(0)).toBeUndefined()
  }
}

/** A mailbox and those who have it open. */
class World {
  readonly image = new SharedImage(empty())
  readonly clients = [new Client(this.image)]
  uids: number[] = []
  #modSeq = 1
  #nextUid = 1

  arrive(count: number): void {
    const uids = Array.from({ length: count }, () => this.#nextUid++)
    this.#change({ arrived: uids.map((uid) => this.#state(uid, 0)) })
    this.uids.push(...uids)
  }

  expunge(picks: readonly number[]): void {
    const gone = this.#picked(picks)
    this.#change({ expunged: gone })
    this.uids = this.uids.filter((uid) => !gone.includes(uid))
  }

  flag(picks: readonly number[]): void {
    this.#change({ flagged: this.#picked(picks).map((uid) => this.#state(uid, 1)) })
  }

  client(index: number): Client | undefined {
    return this.clients[index % this.clients.length]
  }

  #picked(picks: readonly number[]): number[] {
    return this.uids.filter((_, index) => picks.includes(index))
  }

  #state(uid: number, flags: number): FlagState {
    return { uid, flags, modSeq: this.#modSeq + 1 }
  }

  #change(change: Partial<Parameters<SharedImage['apply']>[0]>): void {
    this.#modSeq++
    this.image.apply({ modSeq: this.#modSeq, arrived: [], flagged: [], expunged: [], ...change })
  }
}

type Step = (world: World) => void

const picks = fc.array(fc.nat(30), { minLength: 1, maxLength: 6 })
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.integer({ min: 1, max: 4 }).map(
    (count): Step =>
      (world) =>
        world.arrive(count),
  ),
  picks.map(
    (each): Step =>
      (world) =>
        world.expunge(each),
  ),
  picks.map(
    (each): Step =>
      (world) =>
        world.flag(each),
  ),
  fc.constant<Step>((world) => void world.clients.push(new Client(world.image))),
  fc.nat(3).map(
    (index): Step =>
      (world) =>
        world.client(index)?.hearExpunges(),
  ),
  fc.tuple(fc.nat(3), fc.nat(3)).map(
    ([index, atMost]): Step =>
      (world) =>
        world.client(index)?.hearExpunges(atMost),
  ),
  fc.nat(3).map(
    (index): Step =>
      (world) =>
        world.client(index)?.hearArrivals(world.uids),
  ),
)

test('every client counts as it was told, whatever others do', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const world = new World()
      for (const each of steps) {
        each(world)
        for (const client of world.clients) client.check()
      }
      for (const client of world.clients) {
        client.hearExpunges()
        client.hearArrivals(world.uids)
        expect(client.uids).toEqual(world.uids)
        const changed = [...client.numbering.takeFlagChanges(1), ...client.numbering.takeFlagChanges()]
        expect(changed.every((uid) => world.uids.includes(uid))).toBe(true)
        expect(new Set(changed).size).toBe(changed.length)
        expect(client.numbering.hasNews).toBe(false)
      }
    }),
  )
})

test('the same change twice changes nothing', () => {
  const image = new SharedImage(empty())
  const numbering = new Numbering(image, () => undefined)
  const change = { modSeq: 2, arrived: [{ uid: 1, flags: 0, modSeq: 2 }], flagged: [], expunged: [] }
  image.apply(change)
  image.apply({ modSeq: 3, arrived: [], flagged: [], expunged: [1] })
  image.apply(change)
  expect(image.count).toBe(0)
  expect(numbering.takeArrivals()).toBeUndefined()
})

test("the store's arrays are left as they are", () => {
  const uids = new Uint32Array([1, 2, 3])
  const flags = new Uint32Array(3)
  const image = new SharedImage({
    ...empty(),
    mailbox: { ...mailbox, uidNext: 4 },
    uids,
    flags,
    modSeqs: new Float64Array(3),
  })
  image.apply({ modSeq: 5, arrived: [], flagged: [{ uid: 2, flags: 1, modSeq: 5 }], expunged: [1] })
  expect([...uids, ...flags]).toEqual([1, 2, 3, 0, 0, 0])
  expect([image.uidAt(0), image.flagsAt(0)]).toEqual([2, 1])
})

const mailbox: Mailbox = {
  id: 1,
  name: 'INBOX',
  uidValidity: 1,
  uidNext: 1,
  highestModSeq: 1,
  messages: 0,
  unseen: 0,
  deleted: 0,
  bytes: 0,
  subscribed: true,
  specialUse: undefined,
}

function empty() {
  return { mailbox, uids: new Uint32Array(), flags: new Uint32Array(), modSeqs: new Float64Array() }
}

test.each([[[1]], [[10]], [[2, 3, 9]], [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]], [[4, 5, 6]], [[1, 3, 5, 7, 9]]])(
  'what stays when %j go keeps its flags',
  (gone) => {
    const image = new SharedImage(empty())
    const all = Array.from({ length: 10 }, (_, index) => ({ uid: index + 1, flags: index % 8, modSeq: 2 }))
    image.apply({ modSeq: 2, arrived: all, flagged: [], expunged: [] })
    image.apply({ modSeq: 3, arrived: [], flagged: [], expunged: gone })
    const left = all.filter(({ uid }) => !gone.includes(uid))
    expect(image.count).toBe(left.length)
    for (const [index, { uid, flags }] of left.entries())
      expect([image.uidAt(index), image.flagsAt(index), image.indexOf(uid)]).toEqual([uid, flags, index])
    for (const uid of gone) expect(image.indexOf(uid)).toBeUndefined()
  },
)
