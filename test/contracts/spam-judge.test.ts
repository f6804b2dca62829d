import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ListedName, parseListedName } from '../../src/lib/listed-name.ts'
import type { AddressResolver } from '../../src/ports/addresses.ts'
import type { Arrival, Origin } from '../../src/ports/intake.ts'
import type { AuthChecks } from '../../src/ports/mail-authentication.ts'
import type { Judgement, SpamJudge } from '../../src/ports/spam-judge.ts'
import { arrivalOf } from '../support/arrival.ts'
import { address } from '../support/auth.ts'
import { startFilter } from '../support/spam-filter.ts'
import { account, sealed, startStore, type TestStore } from '../support/store.ts'
import { throughWire } from '../support/through-wire.ts'

type Filter = Awaited<ReturnType<typeof startFilter>>

const ann = account(1)
const bob = account(2)
const accounts = new Map([
  [address('ann@home.test'), ann],
  [address('bob@home.test'), bob],
])
const addresses: AddressResolver = {
  async resolve(recipient) {
    const found = accounts.get(recipient)
    if (found === undefined) return { kind: 'unknown' }
    return {
      kind: 'hops',
      hops: [{ kind: 'mailbox', account: found, address: recipient, detail: undefined, forward: undefined }],
    }
  },
}

const spfPassed: AuthChecks = {
  spf: { result: 'pass', identity: 'mailfrom', domain: 'far.test', why: '', explanation: '' },
  dkim: [],
  dmarc: { result: 'none', policy: 'none', author: '', policyDomain: '', why: '' },
  arc: { result: 'none', sealers: [], why: '' },
  iprev: { result: 'pass', name: '' },
}

const ways: readonly [string, (filter: Filter, near: TestStore) => SpamJudge, 'same' | 'other'][] = [
  ['bare', ({ judge }) => judge, 'same'],
  ['through the wire', ({ judge }) => throughWire(judge), 'same'],
  ['another process, over HTTP', ({ remote }, near) => remote(near), 'other'],
]

describe.each(ways)('SpamJudge, %s', (_name, way, place) => {
  let filter: Filter
  let near: TestStore
  let judge: SpamJudge
  beforeEach(async () => {
    filter = await startFilter(addresses)
    near = place === 'same' ? filter.store : await startStore()
    judge = way(filter, near)
  })
  afterEach(async () => {
    await filter.end()
    if (place === 'other') await near.end()
  })

  interface Mail {
    readonly text: string
    readonly to?: string
    readonly origin?: Origin
    /** Its sender's server is named by SPF. */
    readonly proven?: boolean
  }

  const arrived: Origin = { kind: 'arrived' }
  async function asked({
    text,
    to = 'ann@home.test',
    origin = arrived,
    proven = false,
  }: Mail): Promise<Judgement> {
    const message = await sealed(near.bytes, text)
    const arrival: Arrival = arrivalOf(message, {
      origin,
      recipients: to
        .split(' ')
        .map((one) => ({ address: address(one), notify: undefined, originalRecipient: undefined })),
      client: { ip: '192.0.2.1', helo: 'mail.far.test', tls: true },
      receivedAt: 1_000,
    })
    const judgement = await judge.judge(arrival, { header: '', ...(proven && { checks: spfPassed }) })
    // The judge has looked at it, and taken nothing.
    expect((await near.bytes.read(message, { from: 0, to: 5 })).length).toBe(5)
    await near.bytes.release(message)
    return judgement
  }

  describe('of a sender who is listed', () => {
    const carol = parseListedName('carol@far.test') as ListedName
    const domain = parseListedName('far.test') as ListedName
    const listed = () => filter.store.senders
    const namesOf = ({ reasons }: Pick<Judgement, 'reasons'>) => reasons.map(({ name }) => name)

    test('mail is wanted whatever else it says, where its name is proven', async () => {
      await listed().put(ann, carol, true)
      expect((await asked({ text: letter(1), proven: true })).score).toBeLessThan(-30)
      expect(namesOf(await asked({ text: letter(1) }))).not.toContain('LISTED_WANTED')
      expect(namesOf(await asked({ text: letter(1), to: 'bob@home.test', proven: true }))).not.toContain(
        'LISTED_WANTED',
      )
    })

    test('forbidden things stay forbidden', async () => {
      await listed().put(ann, carol, true)
      expect((await asked({ text: `${letter(1)}${gtube}\r\n`, proven: true })).action).toBe('reject')
    })

    test('unwanted mail is filed for who says so, and nobody else', async () => {
      await listed().put(ann, domain, false)
      const judgement = await asked({ text: letter(1), to: 'ann@home.test bob@home.test' })
      expect(judgement).toMatchObject({ action: 'accept', personal: [{ account: ann }] })
      expect(judgement.score).toBeLessThan(15)
      expect(judgement.personal?.[0]?.score).toBeGreaterThan(30)
    })

    test('what the administrator refuses is refused, unless a reader wants it', async () => {
      await listed().put(undefined, domain, false)
      expect(await asked({ text: letter(1), proven: true })).toMatchObject({
        action: 'reject',
        forcedBy: 'LISTED_UNWANTED',
        refusal: { code: 550, status: '5.7.1' },
      })
      await listed().put(ann, carol, true)
      const judgement = await asked({
        text: letter(1),
        to: 'ann@home.test bob@home.test',
        proven: true,
      })
      expect(judgement.action).toBe('accept')
      expect(judgement.score).toBeGreaterThan(30)
      expect(judgement.personal?.find((one) => one.account === ann)?.score).toBeLessThan(-30)
    })
  })

  const letter = (number: number) =>
    `From: Carol <carol@far.test>\r\nTo: ann@home.test\r\nSubject: The garden ${number}\r\nDate: Thu, 15 Jan 2026 11:59:00 +0100\r\nMessage-ID: <l${number}@far.test>\r\n\r\nDear Ann, the roses of number ${number}a are in bloom, and the apples are ripe.\r\n`
  const offer = (number: number) =>
    `From: Shop <shop@offers.test>\r\nTo: ann@home.test\r\nSubject: Cheap pills ${number}\r\nDate: Thu, 15 Jan 2026 11:59:00 +0100\r\nMessage-ID: <o${number}@offers.test>\r\n\r\nBuy cheap pills now, order ${number}b today and save money!\r\n`
  const octets = (text: string) => new Uint8Array(Buffer.from(text))
  const gtube = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'

  /** As many letters and offers. */
  async function teach(owner = ann, spam = true, count = 12): Promise<void> {
    const numbers = Array.from({ length: count }, (_, index) => index)
    const answer = await judge.learn(
      numbers.flatMap((number) => [
        { account: owner, email: number * 2, spam, before: undefined, message: octets(offer(number)) },
        {
          account: owner,
          email: number * 2 + 1,
          spam: !spam,
          before: undefined,
          message: octets(letter(number)),
        },
      ]),
    )
    expect(answer).toEqual({ kind: 'learned' })
  }

  test('says why, with the weight of each reason', async () => {
    const judgement = await asked({ text: `${letter(1)}${gtube}\r\n` })
    expect(judgement.action).toBe('reject')
    const sum = judgement.reasons.reduce((points, { score }) => points + score, 0)
    expect(sum).toBeCloseTo(judgement.score)
    expect(judgement.reasons).toContainEqual({ name: 'GTUBE', score: 0, why: expect.any(String) as string })
  })

  test.each<[string, Origin]>([
    ['somebody who signed in', { kind: 'submitted', account: ann, login: address('ann@home.test') }],
    ['a trusted network', { kind: 'trusted' }],
  ])('lets mail of %s pass', async (_who, origin) => {
    expect(await asked({ text: offer(1), origin })).toMatchObject({
      action: 'accept',
      score: 0,
    })
  })

  test('learns what it is told', async () => {
    const before = await asked({ text: offer(99) })
    await teach()
    expect((await asked({ text: offer(99) })).score).toBeGreaterThan(before.score + 2)
    expect((await asked({ text: letter(99) })).score).toBeLessThan(before.score)
  })

  test('told the same twice it has learned it once, and told otherwise it has unlearned it', async () => {
    await teach()
    const once = await asked({ text: offer(99) })
    await teach()
    expect((await asked({ text: offer(99) })).score).toBe(once.score)
    await teach(ann, false)
    expect((await asked({ text: offer(99) })).score).toBeLessThan(once.score - 2)
  })

  test('what two people say differently holds for each', async () => {
    await teach(ann, true, 60)
    await teach(bob, false)
    const [forAnn, forBob] = [
      await asked({ text: offer(99), to: 'ann@home.test' }),
      await asked({ text: offer(99), to: 'bob@home.test' }),
    ]
    expect(forAnn.score).toBeGreaterThan(forBob.score + 2)
  })

  test('reads a large message, and leaves nothing behind', async () => {
    const lines = `${'All work and no play makes a dull message.\r\n'.repeat(80_000)}`
    expect((await asked({ text: `${letter(1)}${gtube}\r\n${lines}` })).action).toBe('reject')
    for (const { dataDir } of [near, filter.store])
      expect(readdirSync(join(dataDir, 'blobs', 'spool'))).toEqual([])
  })

  test('judges many at once', async () => {
    const judged = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        asked({ text: index % 2 === 0 ? letter(index) : `${letter(index)}${gtube}\r\n` }),
      ),
    )
    expect(judged.map(({ action }) => action)).toEqual(
      judged.map((_, index) => (index % 2 === 0 ? 'accept' : 'reject')),
    )
  })
})
