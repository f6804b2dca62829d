import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AccountId } from '../../src/ports/accounts.ts'
import type { SpamTeaching } from '../../src/ports/spam-teaching.ts'
import { bothWays } from '../support/both-ways.ts'
import { type SpamStage, startSpam } from '../support/spam-stage.ts'
import { account, sealed } from '../support/store.ts'

const ann = account(1)
const bob = account(2)
const letter = (kind: string, number: number) =>
  Buffer.from(
    `From: x${number}@far.test\r\nSubject: ${kind} ${number}\r\n\r\nSomething about ${kind}, ${number}\r\n`,
  )
const numbers = Array.from({ length: 12 }, (_, number) => number)

let at: SpamStage
beforeEach(async () => {
  at = await startSpam()
  for (const owner of [ann, bob]) await at.mail.accounts.putAccount(owner, { quotaBytes: 0 })
})
afterEach(() => at.end())

describe.each(bothWays)('SpamTeaching, %s', (_, way) => {
  let teaching: SpamTeaching
  beforeEach(() => {
    teaching = way(at.teaching)
  })
  const scoreOf = async (kind: string) => {
    const found = await teaching.classify({ message: letter(kind, 99), account: ann })
    return found.kind === 'classified' ? found.score : Number.NaN
  }

  test('what it is taught it says of the next such message, and why', async () => {
    const before = await scoreOf('lottery')
    for (const number of numbers) {
      const lesson = { message: letter('lottery', number), spam: true, account: undefined }
      expect(await teaching.teach(lesson)).toEqual({ kind: 'learned' })
      expect(await teaching.teach(lesson)).toEqual({ kind: 'known' })
      await teaching.teach({ message: letter('garden', number), spam: false, account: undefined })
    }
    expect(await scoreOf('lottery')).toBeGreaterThan(before + 2)
    expect(await scoreOf('garden')).toBeLessThan(before)
    const found = await teaching.classify({ message: letter('lottery', 99), account: undefined })
    expect(found).toMatchObject({
      reasons: expect.arrayContaining([expect.objectContaining({ name: 'BAYES_SPAM' })]),
    })
    expect(await teaching.status()).toMatchObject({ ham: 12, spam: 12, waiting: 0 })
  })

  /** Until the background has done its work. */
  const settled = () =>
    expect
      .poll(
        async () => {
          await at.clock.advance(100)
          return (await teaching.status()).waiting
        },
        { timeout: 10_000, interval: 5 },
      )
      .toBe(0)

  async function put(
    owner: AccountId,
    name: string,
    text: Uint8Array,
    flags: readonly string[],
  ): Promise<void> {
    const { store, bytes } = at.mail
    const mailbox = await store.mailbox(owner, name)
    await store.append(owner, mailbox?.id ?? 0, [
      { message: await sealed(bytes, text), flags, receivedAt: 1_000 },
    ])
  }

  async function fill(): Promise<void> {
    for (const number of numbers) {
      await put(ann, 'Junk', letter('lottery', number), [])
      await put(bob, 'INBOX', letter('garden', number), ['\\Seen'])
    }
    await put(ann, 'INBOX', letter('unread', 1), [])
    await put(ann, 'Sent', letter('written', 1), ['\\Seen'])
  }

  test('folders teach it: Junk what is spam, what was read elsewhere what is not', async () => {
    await fill()
    await teaching.retrain([ann, bob])
    await settled()
    expect(await teaching.status()).toMatchObject({ ham: 12, spam: 12 })
    expect(await scoreOf('lottery')).toBeGreaterThan((await scoreOf('garden')) + 2)
    await teaching.retrain([ann, bob])
    await settled()
    expect(await teaching.status()).toMatchObject({ ham: 12, spam: 12 })
  })

  test('a restart goes on with whoever was left', async () => {
    await fill()
    await teaching.retrain([ann, bob])
    at = await at.restart()
    teaching = way(at.teaching)
    expect((await teaching.status()).waiting).toBeGreaterThan(0)
    await settled()
    expect(await teaching.status()).toMatchObject({ ham: 12, spam: 12 })
  })
})
