import { expect, onTestFinished, test } from 'vitest'
import { createFakeLog } from '../../../test/support/fakes/runtime.ts'
import { account, appendTo, mail, startStore } from '../../../test/support/store.ts'
import type { TaughtMessage } from '../../ports/spam-judge.ts'
import { createSpamLearner } from './index.ts'

const ann = account(1)

test('moves are told to the judge, in order, once, and again where he was away', async () => {
  const at = await startStore()
  onTestFinished(() => at.end())
  await at.accounts.putAccount(ann, { quotaBytes: 0 })
  const told: string[] = []
  let asked = 0
  const isAway = () => asked === 1
  const learn = async (messages: readonly TaughtMessage[]) => {
    asked++
    if (isAway()) return { kind: 'later', reason: 'unreachable', text: 'Away' } as const
    told.push(
      ...messages.map(({ spam, before, message }) => {
        const [, subject] = /^Subject: (.*)\r$/m.exec(Buffer.from(message).toString()) ?? []
        return `${subject}: ${spam}, before ${before}`
      }),
    )
    return { kind: 'learned' } as const
  }
  const learner = createSpamLearner({
    lessons: at.lessons,
    judge: { learn },
    clock: at.clock,
    log: createFakeLog(),
  })
  const later = async () => {
    await at.clock.advance(30_000)
    return told
  }
  const idOf = async (name: string) => (await at.store.mailbox(ann, name))?.id ?? 0
  const [one = 0, two = 0] = await appendTo(
    at,
    ann,
    'INBOX',
    mail({ subject: 'One' }),
    mail({ subject: 'Two' }),
  )
  await at.store.move(ann, await idOf('INBOX'), [one], await idOf('Junk'))
  await learner.start()
  await expect.poll(() => asked).toBe(1)
  await at.store.move(ann, await idOf('INBOX'), [two], await idOf('Junk'))
  await expect.poll(later).toEqual(['One: true, before undefined', 'Two: true, before undefined'])
  await at.store.move(ann, await idOf('Junk'), [1], await idOf('INBOX'))
  await expect.poll(later).toHaveLength(3)
  expect(told[2]).toBe('One: false, before true')
  await learner.stop()
  expect(await at.lessons.waiting(10)).toEqual([])
})

test('a filter that cannot learn is asked ever more seldom, and then as before', async () => {
  const at = await startStore()
  onTestFinished(() => at.end())
  await at.accounts.putAccount(ann, { quotaBytes: 0 })
  const [one = 0] = await appendTo(at, ann, 'INBOX', mail({ subject: 'One' }))
  const idOf = async (name: string) => (await at.store.mailbox(ann, name))?.id ?? 0
  await at.store.move(ann, await idOf('INBOX'), [one], await idOf('Junk'))
  let isBroken = true
  let learned = 0
  const learn = async () => {
    if (isBroken) throw new Error('the disk is full')
    learned++
    return { kind: 'learned' } as const
  }
  const log = createFakeLog()
  const learner = createSpamLearner({ lessons: at.lessons, judge: { learn }, clock: at.clock, log })
  await learner.start()
  const failures = () => log.events.filter(({ event }) => event === 'spam.learning-failed').length
  await expect
    .poll(async () => {
      await at.clock.advance(60_000)
      return failures()
    })
    .toBeGreaterThan(4)
  const before = failures()
  await at.clock.advance(300_000)
  expect(failures() - before).toBeLessThan(10)
  isBroken = false
  await expect
    .poll(async () => {
      await at.clock.advance(600_000)
      return learned
    })
    .toBe(1)
  await learner.stop()
})
