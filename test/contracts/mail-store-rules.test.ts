import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Delivery, LocalCopy, MailStore } from '../../src/ports/mail-store.ts'
import { bothWays } from '../support/both-ways.ts'
import { account, appendTo, delivery, mail, sealed, startStore, type TestStore } from '../support/store.ts'

const ann = account(1)
const bob = account(2)

let at: TestStore
let plainStore: MailStore

beforeEach(async () => {
  at = await startStore()
  plainStore = at.store
  for (const id of [ann, bob]) await at.accounts.putAccount(id, { quotaBytes: 0 })
})
afterEach(() => at.end())

const copyFor = (id = ann): LocalCopy => ({
  account: id,
  mailbox: 'INBOX',
  flags: [],
  prefix: '',
  receivedAt: 1_000,
})

async function messagesOf(id = ann, name = 'INBOX'): Promise<number> {
  return (await plainStore.mailbox(id, name))?.messages ?? 0
}

describe.each(bothWays)('what rules need of the mail store, %s', (_, way) => {
  const accept = (given: Delivery) => way<MailStore>(plainStore).accept(given)
  const message = (text = mail()) => sealed(at.bytes, text)
  const large = () => message(mail({ body: 'large\r\n'.repeat(40_000) }))

  test.each([
    ['small', message],
    ['in a file', large],
  ])(
    'a guard that does not hold leaves nothing behind, and the message (%s) can be planned again',
    async (_size, make) => {
      const guard = { account: ann, key: 'k', until: at.clock.now() + 1_000, renews: false }
      expect(await accept({ ...delivery(await make(), {}), guards: [guard] })).toMatchObject({
        kind: 'accepted',
      })
      const ref = await make()
      const known = await accept({ ...delivery(ref, {}), guards: [{ ...guard, key: 'new' }, guard] })
      expect(known).toEqual({ kind: 'known', keys: [{ account: ann, key: 'k' }] })
      expect(await messagesOf()).toBe(1)
      const again = { ...delivery(ref, {}), guards: [{ ...guard, key: 'new' }] }
      expect(await accept(again)).toMatchObject({ kind: 'accepted' })
      expect(await messagesOf()).toBe(2)
      expect((await at.care.verify()).problems).toEqual([])
    },
  )

  test('what is remembered is forgotten at its hour, and belongs to one account', async () => {
    const guard = { account: ann, key: 'k', until: at.clock.now() + 1_000, renews: false }
    const send = async (guards: Delivery['guards']) =>
      (await accept({ ...delivery(await message(), {}), guards: guards ?? [] })).kind
    expect(await send([guard])).toBe('accepted')
    expect(await send([{ ...guard, account: bob }])).toBe('accepted')
    expect(await send([guard])).toBe('known')
    // RFC 7352 §3.3: what renews takes what is known, and begins anew.
    expect(await send([{ ...guard, renews: true, until: guard.until + 1_000 }])).toBe('accepted')
    await at.clock.advance(1_500)
    expect(await send([guard])).toBe('known')
    await at.clock.advance(1_000)
    expect(await send([{ ...guard, until: at.clock.now() + 1 }])).toBe('accepted')
  })

  test('of deliveries at the same moment one is the first', async () => {
    const once = { account: ann, key: 'vacation', until: at.clock.now() + 1_000 }
    const guard = { account: ann, key: 'duplicate', until: at.clock.now() + 1_000, renews: false }
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_value, index) => {
        const reply = { message: await message(), copies: [copyFor(bob)], outgoing: [], once }
        const guards = index % 2 === 0 ? [guard] : []
        return accept({ ...delivery(await message(), {}), beside: [reply], guards })
      }),
    )
    expect(answers.filter(({ kind }) => kind === 'accepted')).toHaveLength(11)
    expect(await messagesOf(ann)).toBe(11)
    expect(await messagesOf(bob)).toBe(1)
  })

  test('other messages come in the same transaction, and a copy for an account that is gone is left away', async () => {
    const besides = [
      { message: await large(), copies: [copyFor(bob)], outgoing: [], once: undefined },
      { message: await message(), copies: [copyFor(account(99))], outgoing: [], once: undefined },
    ]
    const answer = await accept({ ...delivery(await message(), {}), beside: besides })
    expect(answer).toMatchObject({ kind: 'accepted', placed: [{ account: ann }, { account: bob }] })
    expect((await at.care.verify()).problems).toEqual([])
  })

  test('a decision is kept where no message is, the newest first, some weeks long', async () => {
    const decided = (step: string): Delivery => ({
      ...delivery({ kind: 'inline', size: 0, index: emptyIndex, bytes: new Uint8Array() }),
      decisions: [{ account: ann, recipient: 'ann@example.com', steps: [step] }],
    })
    const emptyIndex = (await message()).index
    expect(await accept(decided('thrown away'))).toEqual({ kind: 'accepted', placed: [] })
    await accept(decided('again'))
    const store = way<MailStore>(plainStore)
    const [newest, ...others] = await store.decisions(ann, 10)
    expect(newest).toMatchObject({ steps: ['again'], recipient: 'ann@example.com', arrival: 'd1' })
    expect(await store.decisions(ann, 10, newest?.number)).toEqual(others)
    expect(others).toMatchObject([{ steps: ['thrown away'], sender: 'ann@example.com' }])
    expect(await store.decisions(bob, 10)).toEqual([])
    expect((await at.care.verify()).problems).toEqual([])
  })
})

describe('lessons for the spam filter', () => {
  const idOf = async (name: string) => (await plainStore.mailbox(ann, name))?.id ?? 0
  const waiting = async () => (await at.lessons.waiting(10)).map(({ spam, before }) => ({ spam, before }))
  const move = async (from: string, uid: number, to: string) => {
    const moved = await plainStore.move(ann, await idOf(from), [uid], await idOf(to))
    return moved.kind === 'copied' ? (moved.to[0] ?? 0) : 0
  }

  test('into Junk is spam, out of it is not, and what was taught once is taught once', async () => {
    const [first = 0] = await appendTo(at, ann, 'INBOX', mail({ body: 'Buy!\r\n' }))
    expect(await waiting()).toEqual([])
    const inJunk = await move('INBOX', first, 'Junk')
    const [lesson] = await at.lessons.waiting(10)
    expect(lesson).toMatchObject({ account: ann, spam: true, before: undefined })
    if (lesson === undefined) return
    const bytes = await at.lessons.bytes(lesson, { from: 0, to: 1_000 })
    expect(Buffer.from(bytes ?? []).toString()).toContain('Buy!')
    await at.lessons.taught([lesson])
    expect(await waiting()).toEqual([])
    await move('Junk', inJunk, 'INBOX')
    expect(await waiting()).toEqual([{ spam: false, before: true }])
    expect((await at.care.verify()).problems).toEqual([])
  })

  test('there and back again before it was told teaches the last word', async () => {
    const [first = 0] = await appendTo(at, ann, 'INBOX', mail())
    await move('Junk', await move('INBOX', first, 'Junk'), 'INBOX')
    expect(await waiting()).toEqual([{ spam: false, before: undefined }])
  })

  const junked = async () => {
    await plainStore.accept(delivery(await sealed(at.bytes, mail()), { mailbox: 'Junk' }))
  }
  const flagged = (flag: string) => async () => {
    await appendTo(at, ann, 'INBOX', mail())
    await plainStore.changeFlags(ann, await idOf('INBOX'), [1], { mode: 'add', flags: [flag] })
  }
  const filed = async () => {
    await appendTo(at, ann, 'INBOX', mail())
    await move('INBOX', 1, 'Archive')
  }
  const cases: readonly [string, () => Promise<unknown>, readonly boolean[]][] = [
    ['appended to Junk', () => appendTo(at, ann, 'Junk', mail()), [true]],
    ['delivered into Junk', junked, []],
    ['from Junk to the bin', () => junked().then(() => move('Junk', 1, 'Trash')), []],
    ['from Junk to a folder', () => junked().then(() => move('Junk', 1, 'Archive')), [false]],
    ['from one folder to another', filed, []],
    ['flagged $Junk', flagged('$Junk'), [true]],
    ['flagged $junk', flagged('$junk'), [true]],
    ['flagged $NotJunk', flagged('$NotJunk'), [false]],
    ['flagged NonJunk', flagged('NonJunk'), []],
  ]

  test.each(cases)('%s', async (_name, act, expected) => {
    const { kind } = await plainStore.createMailbox(ann, 'Archive', '\\Archive')
    expect(['created', 'exists']).toContain(kind)
    await act()
    expect((await waiting()).map(({ spam }) => spam)).toEqual(expected)
  })
})
