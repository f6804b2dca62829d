import { expect, onTestFinished, test } from 'vitest'
import { address } from '../../../test/support/auth.ts'
import { startWeb } from '../../../test/support/web.ts'
import type { JudgedMessage } from '../../ports/spam-history.ts'

const hostile = '<script>alert(1)</script>'
const judged = (score: number, more: Partial<JudgedMessage> = {}): JudgedMessage => ({
  number: score,
  id: 'a',
  at: 1_795_000_000_000,
  ip: '192.0.2.1',
  sender: 'joe@else.test',
  recipients: [address('ann@example.com')],
  from: hostile,
  subject: `${score} points ${hostile}`,
  size: 1,
  judgement: { action: 'accept', score, reasons: [] },
  personal: [],
  checks: undefined,
  client: undefined,
  ...more,
})

test('a threshold is tried on what came, and changes nothing', async () => {
  const messages = [
    judged(3),
    judged(8),
    judged(14),
    judged(9, { recipients: [address('bob@example.com')], sender: 'ann@example.com' }),
    judged(10, { judgement: { action: 'reject', score: 10, reasons: [] } }),
  ]
  const web = await startWeb({}, undefined, undefined, {
    judged: async () => messages,
    backtest: () => Promise.reject(),
  })
  onTestFinished(() => web.end())
  const browser = web.browser()
  await browser.signIn()
  const asked = { enabled: 'yes', threshold: '50', do: 'preview' }
  const text = await (await browser.post('/account/spam', asked)).text()
  expect(text).toContain('With 50 percent')
  expect(text).toContain('3 messages were looked at. 1 would have gone elsewhere.')
  expect(text).toMatch(/8 points[\s\S]*53 %[\s\S]*into Junk/)
  expect(text).not.toContain('<script')
  expect(text).toContain('value="50"')
  expect(await web.auth.admin.user(address('ann@example.com'))).toMatchObject({ spamThreshold: 80 })
  expect((await browser.post('/account/spam', { ...asked, threshold: 'x' })).status).toBe(422)
})

test('one look at a time for each, and few for all', async () => {
  const found = Promise.withResolvers<JudgedMessage[]>()
  const began = Promise.withResolvers<void>()
  let looks = 0
  const web = await startWeb({}, undefined, undefined, {
    judged: () => {
      looks += 1
      began.resolve()
      return found.promise
    },
    backtest: () => Promise.reject(),
  })
  onTestFinished(() => web.end())
  const browser = web.browser()
  await browser.signIn()
  const ask = async () =>
    (await browser.post('/account/spam', { enabled: 'yes', threshold: '50', do: 'preview' })).text()
  const first = ask()
  await began.promise
  expect(await ask()).toContain('Try again in a moment')
  expect(looks).toBe(1)
  found.resolve([])
  expect(await first).toContain('With 50 percent')
  expect(await ask()).toContain('With 50 percent')
})
