import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type DomainName, parseDomain } from '../../src/lib/address.ts'
import type { HistoryQuestion, SpamHistory } from '../../src/ports/spam-history.ts'
import type { Judgement, SpamJudge } from '../../src/ports/spam-judge.ts'
import { address } from '../support/auth.ts'
import { bothWays } from '../support/both-ways.ts'
import { brought, doubtful, honest, type SpamStage, startSpam } from '../support/spam-stage.ts'
import { account, sealed } from '../support/store.ts'

let at: SpamStage
beforeEach(async () => {
  at = await startSpam()
})
afterEach(() => at.end())

const report = { header: '' }
const domainsOf = (name: string) => [parseDomain(name) as DomainName]
const minute = 60_000
const day = 24 * 60 * minute
const gtube = `${honest}XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\r\n`
const inShort = ({ action, refusal }: Judgement) => (refusal ? `${refusal.code} ${refusal.status}` : action)

describe.each(bothWays)('what SpamJudge does with doubtful mail, %s', (_, way) => {
  let judge: SpamJudge
  const judged = async (message: Parameters<typeof brought>[0]) =>
    inShort(await judge.judge(brought(message), report))
  beforeEach(() => {
    judge = way(at.judge)
  })

  test('what is doubtful comes again: not at once, not after a day', async () => {
    expect(await judged({ text: doubtful })).toBe('451 4.7.1')
    await at.clock.advance(4 * minute)
    expect(await judged({ text: doubtful })).toBe('451 4.7.1')
    await at.clock.advance(2 * minute)
    expect(await judged({ text: doubtful })).toBe('accept')
    expect(await judged({ text: doubtful, from: 'joe@else.test' })).toBe('451 4.7.1')
    await at.clock.advance(day)
    expect(await judged({ text: doubtful, from: 'joe@else.test' })).toBe('451 4.7.1')
  })

  test.each([
    ['from its network', { ip: '192.0.3.7' }, 'accept'],
    ['from elsewhere, as large providers do', { ip: '203.0.113.5' }, 'accept'],
    ['for somebody else', { to: ['bob@home.test'] }, '451 4.7.1'],
    ['for somebody else from elsewhere', { to: ['bob@home.test'], ip: '203.0.113.5' }, '451 4.7.1'],
  ])('it may come %s', async (_where, change, expected) => {
    await judged({ text: doubtful })
    await at.clock.advance(6 * minute)
    expect(await judged({ text: doubtful, ...change })).toBe(expected)
  })

  test('who came again once, or sends what is not doubtful, passes at once, after a restart too', async () => {
    await judged({ text: doubtful })
    await at.clock.advance(6 * minute)
    await judged({ text: doubtful })
    expect(await judged({ text: doubtful, to: ['bob@home.test'] })).toBe('accept')
    await judged({ from: 'joe@else.test' })
    at = await at.restart()
    judge = way(at.judge)
    expect(await judged({ text: doubtful, from: 'jim@else.test', to: ['bob@home.test'] })).toBe('accept')
    // Not for ever, and not from anywhere.
    expect(await judged({ text: doubtful, from: 'jim@else.test', ip: '203.0.113.5' })).toBe('451 4.7.1')
    await at.clock.advance(36 * day)
    expect(await judged({ text: doubtful, from: 'jim@else.test', to: ['bob@home.test'] })).toBe('451 4.7.1')
  })

  test('of our own people nothing is doubtful, and a test is a test', async () => {
    const origin = { kind: 'submitted', account: account(1), login: 'ann@home.test' as never } as const
    expect(await judged({ text: doubtful, origin })).toBe('accept')
    expect(await judged({ text: doubtful, origin: { kind: 'trusted' } })).toBe('accept')
    expect(await judged({ text: doubtful, ip: '127.0.0.1' })).toBe('accept')
    expect(await judged({ text: gtube, origin })).toBe('550 5.7.1')
    expect(await judged({ text: gtube })).toBe('550 5.7.1')
  })

  test('who among several has taught the filter has a judgement of his own', async () => {
    const text = (word: string, number: number) =>
      Buffer.from(`From: x${number}@far.test\r\nSubject: ${word} ${number}\r\n\r\n${word}\r\n`)
    const teach = (id: number, word: string, number: number, spam: boolean) =>
      judge.learn([{ account: account(id), email: 1, before: undefined, spam, message: text(word, number) }])
    for (let number = 0; number < 12; number++) {
      await teach(1, 'lunch', number + 50, false)
      await teach(2, 'lunch', number, true)
      await teach(2, 'garden', number, false)
    }
    const { personal = [], score } = await judge.judge(brought({ to: ['both@home.test'] }), report)
    expect(personal.map((one) => one.account)).toEqual([2])
    expect(personal[0]?.score).toBeGreaterThan(score)
    expect(personal[0]?.headers).toMatch(/^X-Spamd-Bar: /)
  })
})

describe.each(bothWays)('SpamHistory, %s', (_, way) => {
  let history: SpamHistory
  beforeEach(() => {
    history = way(at.history)
  })

  test('each judgement is there, the newest first, refused ones and what DNS said too', async () => {
    await at.judge.judge(brought(), {
      header: '',
      checks: {
        spf: { result: 'pass', identity: 'mailfrom', domain: 'far.test', why: '', explanation: '' },
        dkim: [],
        dmarc: { result: 'none', policy: 'none', author: '', policyDomain: '', why: '' },
        arc: { result: 'none', sealers: [], why: '' },
        iprev: { result: 'pass', name: 'mx.far.test' },
      },
    })
    await at.judge.judge(brought({ text: gtube, to: ['bob@home.test'] }), report)
    const [second, first] = await history.judged({ atMost: 10 })
    expect(first).toMatchObject({
      id: 'm1',
      sender: 'eve@far.test',
      recipients: ['ann@home.test'],
      from: 'Eve <eve@far.test>',
      subject: 'Lunch',
      judgement: { action: 'accept' },
      checks: { spf: { result: 'pass', domain: 'far.test' } },
    })
    expect(first?.judgement.reasons.map(({ name }) => name)).toContain('R_SPF_ALLOW')
    expect(second).toMatchObject({
      judgement: { action: 'reject', forcedBy: 'GTUBE', refusal: { code: 550 } },
    })
    expect(await history.judged({ atMost: 10, address: address('bob@home.test') })).toHaveLength(1)
    expect(await history.judged({ atMost: 10, address: address('eve@far.test') })).toHaveLength(2)
    expect(await history.judged({ atMost: 1, before: second?.number ?? 0 })).toEqual([first])
  })

  test.each<[Omit<HistoryQuestion, 'atMost'>, string[]]>([
    [{}, ['m3', 'm2', 'm1']],
    [{ id: 'm2' }, ['m2']],
    [{ actions: ['reject'] }, ['m2']],
    [{ actions: ['accept', 'junk'] }, ['m3', 'm1']],
    [{ domains: domainsOf('home.test') }, ['m2', 'm1']],
    [{ domains: domainsOf('else.test') }, ['m3']],
    [{ domains: [] }, []],
    [{ domains: domainsOf('home.test'), address: address('bob@home.test') }, ['m2']],
    [{ domains: domainsOf('home.test'), address: address('cid@else.test') }, []],
    // Part of a name is not the name.
    [{ address: address('ob@home.test') }, []],
  ])('it is searched by %j', async (question, ids) => {
    await at.judge.judge(brought(), report)
    await at.judge.judge({ ...brought({ text: gtube, to: ['bob@home.test'] }), id: 'm2' }, report)
    await at.judge.judge({ ...brought({ to: ['cid@else.test'] }), id: 'm3' }, report)
    const found = await history.judged({ ...question, atMost: 10 })
    expect(found.map(({ id }) => id)).toEqual(ids)
  })

  test('another threshold is tried on what was judged', async () => {
    // Some six points are 40 %: below everybody's 80.
    await at.judge.judge(brought({ text: doubtful, ip: '127.0.0.1', to: ['both@home.test'] }), report)
    await at.judge.judge(brought({ text: honest }), report)
    await at.judge.judge(brought({ text: gtube }), report)
    expect(await history.backtest({ threshold: 80, last: 100, again: false })).toEqual({
      looked: 3,
      copies: 3,
      changed: [],
    })
    const { changed } = await history.backtest({ threshold: 20, last: 100, again: false })
    expect(changed.map(({ reader, to }) => [reader, to])).toEqual([
      ['ann@home.test', 'junk'],
      ['bob@home.test', 'junk'],
    ])
    expect(await history.backtest({ threshold: 20, last: 2, again: false })).toMatchObject({
      looked: 2,
      copies: 1,
      changed: [],
    })
  })

  test('stored messages are judged again as they came, but for what was asked and known then', async () => {
    const stranger = { text: doubtful, ip: '203.0.113.9', to: ['both@home.test'] }
    await at.judge.judge(brought(stranger), report)
    await at.clock.advance(6 * minute)
    const arrival = brought({ ...stranger, at: at.clock.now() })
    await at.judge.judge({ ...arrival, id: 'came-again' }, report)
    await at.judge.judge(brought({ text: gtube }), report)
    await at.mail.accounts.putAccount(account(2), { quotaBytes: 0 })
    const junk = await at.mail.store.mailbox(account(2), 'Junk')
    const trace = 'Received: from x\r\n\tby mx.home.test with ESMTP id came-again for <b@c.test>; now\r\n'
    const stored = `Return-Path: <>\r\nX-Spam: Yes\r\n${trace}${doubtful}`
    await at.mail.store.append(account(2), junk?.id ?? 0, [
      { message: await sealed(at.mail.bytes, Buffer.from(stored)), flags: [], receivedAt: at.clock.now() },
    ])
    const found = await history.backtest({ threshold: undefined, last: 100, again: true })
    expect(found).toEqual({
      ...{ looked: 3, copies: 2, changed: [] },
      again: { judged: 1, refused: 2, gone: 0, old: 0 },
    })
    const strict = await history.backtest({ threshold: 20, last: 100, again: true })
    expect(
      strict.changed.map(({ reader, to, appeared, vanished }) => ({ reader, to, appeared, vanished })),
    ).toEqual([
      { reader: 'ann@home.test', to: 'junk', appeared: [], vanished: [] },
      { reader: 'bob@home.test', to: 'junk', appeared: [], vanished: [] },
    ])
  })

  test('what is gone is not judged again, and counts as it was', async () => {
    await at.judge.judge(brought(), report)
    expect(await history.backtest({ threshold: 0, last: 100, again: true })).toMatchObject({
      again: { judged: 0, refused: 0, gone: 1, old: 0 },
    })
  })

  test('it is forgotten in time', async () => {
    await at.judge.judge(brought(), report)
    await at.clock.advance(31 * day)
    const later = async () => {
      await at.clock.advance(day)
      return history.judged({ atMost: 10 })
    }
    await expect.poll(later).toEqual([])
  })
})
