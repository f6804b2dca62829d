import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { arrivalOf } from '../../../test/support/arrival.ts'
import { createFakeClock } from '../../../test/support/fakes/clock.ts'
import { createFakeDnsResolver } from '../../../test/support/fakes/dns-resolver.ts'
import { createFakeMessageBytes } from '../../../test/support/fakes/message-bytes.ts'
import { createFakeLog, silentMeter } from '../../../test/support/fakes/runtime.ts'
import { sealedMessage } from '../../../test/support/sealed-message.ts'
import { parseAddress } from '../../lib/address.ts'
import type { DnsOutcome, DnsResolver } from '../../ports/dns-resolver.ts'
import type { Arrival } from '../../ports/intake.ts'
import { createMailAuthenticator, createMailSigner } from './index.ts'

const clock = createFakeClock()
const bytes = createFakeMessageBytes()
const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 })
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const p = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64')
const txt = (...texts: string[]) => texts.map((text) => ({ type: 'TXT', strings: [text] }) as const)

const zone = {
  'far.test TXT': txt('v=spf1 ip4:192.0.2.7 -all'),
  'k._domainkey.far.test TXT': txt(`v=DKIM1; k=ed25519; p=${p}`),
  '_dmarc.far.test TXT': txt('v=DMARC1; p=reject; sp=quarantine'),
  '7.2.0.192.in-addr.arpa PTR': [{ type: 'PTR', target: 'mx.far.test' }],
  'mx.far.test A': [{ type: 'A', address: '192.0.2.7' }],
  'near.test TXT': txt('v=spf1 -all'),
  '_dmarc.near.test TXT': txt('v=DMARC1; p=none'),
} as const

function authenticator(resolver: DnsResolver = createFakeDnsResolver(zone), seal = false, unchecked = false) {
  const home = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return createMailAuthenticator({
    resolver,
    bytes,
    clock,
    log: createFakeLog(),
    meter: silentMeter,
    marks: ['x-spam', 'x-spam-level'],
    hostnames: ['mail.home.test', 'mx.home.test'],
    keys: { signing: async (domain) => [{ domain, selector: 's', pem: home }] },
    seal,
    unchecked,
  })
}

function arrival(text: string, more: { sender?: string; ip?: string; helo?: string } = {}): Arrival {
  const { sender = 'ann@far.test', ip = '192.0.2.7', helo = 'mx.far.test' } = more
  return arrivalOf(sealedMessage(text), {
    sender: parseAddress(sender),
    recipients: [
      { address: parseAddress('bob@home.test') ?? never(), notify: undefined, originalRecipient: undefined },
    ],
    client: { ip, helo, tls: false },
    receivedAt: clock.now(),
  })
}

function never(): never {
  throw new Error('no address')
}

const letter = 'From: Ann <ann@far.test>\r\nTo: bob@home.test\r\nSubject: Hi\r\n\r\nHello\r\n'

async function signed(text: string): Promise<string> {
  const keys = {
    signing: async () => [{ domain: 'far.test' as never, selector: 'k', pem }],
    all: async () => [],
  }
  const signer = createMailSigner({ keys, bytes, clock, log: createFakeLog(), meter: silentMeter })
  return (await signer.sign(sealedMessage(text), undefined)).header + text
}

/** `spf dkim dmarc arc iprev`. */
async function said(text: string, more: Parameters<typeof arrival>[1] = {}): Promise<string> {
  const { checks } = await authenticator().authenticate(arrival(text, more))
  if (!checks) throw new Error('nothing was checked')
  const dkim = checks.dkim.map(({ result }) => result).join('+') || 'none'
  return [checks.spf.result, dkim, checks.dmarc.result, checks.arc.result, checks.iprev.result].join(' ')
}

test('a letter that proves everything has it in its header', async () => {
  const { header, forged } = await authenticator().authenticate(arrival(await signed(letter)))
  expect(forged).toEqual([])
  expect(header.replace(/header\.b=[^;]+/, 'header.b=x')).toBe(
    [
      'Authentication-Results: mail.home.test;',
      '\tiprev=pass (mx.far.test) policy.iprev=192.0.2.7;',
      '\tspf=pass reason="ip4:192.0.2.7" smtp.mailfrom=ann@far.test;',
      '\tdkim=pass header.d=far.test header.s=k header.a=ed25519-sha256',
      '\theader.b=x;',
      '\tdmarc=pass header.from=far.test policy.dmarc=reject;',
      '\tarc=none\r\n',
    ].join('\r\n'),
  )
})

describe('SPF, DKIM, DMARC, ARC and the name of the client', () => {
  const from = (domain: string) => letter.replace('ann@far.test', `ann@${domain}`)
  test.each([
    ['nothing signed, from the right address', letter, {}, 'pass none pass none pass'],
    ['from elsewhere', letter, { ip: '192.0.2.8' }, 'fail none fail none permerror'],
    ['from elsewhere, but signed', 'signed', { ip: '192.0.2.8' }, 'fail pass pass none permerror'],
    ['another author than sender', from('near.test'), {}, 'pass none fail none pass'],
    ['an author below the sender', from('news.far.test'), {}, 'pass none pass none pass'],
    ['no sender', letter, { sender: '<>', helo: 'far.test' }, 'pass none pass none pass'],
    ['no sender, and HELO without a record', letter, { sender: '<>' }, 'none none fail none pass'],
    ['two From', `From: eve@near.test\r\n${letter}`, {}, 'pass none permerror none pass'],
    ['a domain without any record', from('bare.test'), { sender: 'a@bare.test' }, 'none none none none pass'],
    ['a client of our own network', letter, { ip: '192.168.1.2' }, 'none none fail none permerror'],
  ])('%s', async (_, text, more, expected) => {
    expect(await said(text === 'signed' ? await signed(letter) : text, more)).toBe(expected)
  })
})

describe('results that bear our name and are not ours', () => {
  test.each([
    ['Authentication-Results: mail.home.test; spf=pass\r\n', true],
    ['Authentication-Results: MX.HOME.TEST 1; spf=pass\r\n', true],
    ['authentication-results:\r\n (x) "mail.home.test";\r\n dmarc=pass\r\n', true],
    ['Authentication-Results: mail.home.test.; spf=pass\r\n', true],
    ['Authentication-Results: elsewhere.test; spf=pass\r\n', false],
    ['Authentication-Results: mail.home.test.evil.test; spf=pass\r\n', false],
    ['X-Authentication-Results: mail.home.test; spf=pass\r\n', false],
  ])('%j: %j', async (field, expected) => {
    const { forged } = await authenticator().authenticate(arrival(`Subject: x\r\n${field}${letter}`))
    expect(forged).toEqual(expected ? [{ from: 12, to: 12 + field.length }] : [])
  })
})

test('marks that only this server writes are taken out of what strangers send, in the order they stand in', async () => {
  const fields = [
    'X-SPAM-Level: ****\r\n',
    'Authentication-Results: mail.home.test; spf=pass\r\n',
    'X-Spam: no\r\n',
  ]
  const text = `${fields.join('')}X-Spam-Status: No\r\n${letter}`
  const { forged = [] } = await authenticator().authenticate(arrival(text))
  expect(forged.map(({ from, to }) => text.slice(from, to))).toEqual(fields)
})

test('where nothing is checked nobody is asked, and what is forged goes all the same', async () => {
  const silent: DnsResolver = { resolve: () => never(), explain: () => never() }
  const field = 'Authentication-Results: mail.home.test; spf=pass\r\n'
  const asked = authenticator(silent, false, true)
  expect(await asked.authenticate(arrival(await signed(letter)))).toEqual({ header: '', forged: [] })
  expect(await asked.authenticate(arrival(`${field}${letter}`))).toEqual({
    header: '',
    forged: [{ from: 0, to: field.length }],
  })
})

test('what strangers write cannot break out of the header', async () => {
  const evil = 'DKIM-Signature: v=1; a=rsa-sha256; d=far.test"; s="x\r\n (y); bh=AA==; b=AA==; h=from\r\n'
  const { header } = await authenticator().authenticate(arrival(evil + letter, { helo: 'a\tb"c' }))
  for (const line of header.split('\r\n').slice(1, -1)) expect(line).toMatch(/^\t[ -~]*$/)
})

test('mail that is sealed bears a chain that holds, and names what was found', async () => {
  const first = await authenticator(undefined, true).authenticate(arrival(letter))
  expect(first.header).toMatch(
    /^ARC-Seal: a=rsa-sha256;[\s\S]*\r\nARC-Message-Signature: [\s\S]*\r\nARC-Authentication-Results: i=1; mail\.home\.test;/,
  )
  const key = rsa.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
  const withKey = createFakeDnsResolver({ ...zone, 's._domainkey.home.test TXT': txt(`p=${key}`) })
  const second = await authenticator(withKey, true).authenticate(arrival(first.header + letter))
  expect(second.checks?.arc).toMatchObject({ result: 'pass', sealers: ['home.test'] })
  expect(second.header).toContain('i=2; s=s;')
  const third = await authenticator(withKey).authenticate(arrival(second.header + first.header + letter))
  expect(third.checks?.arc).toMatchObject({ result: 'pass', sealers: ['home.test', 'home.test'] })
})

describe('without a network', () => {
  const later: DnsOutcome = { kind: 'later', reason: 'unreachable', text: '', why: [] }

  /** Takes all the time it is given, as a network does where packets vanish. */
  function deaf() {
    const waits: number[] = []
    const resolver = {
      ...createFakeDnsResolver({}),
      resolve: async ({ deadlineMs }: { deadlineMs: number }) => {
        waits.push(deadlineMs - clock.now())
        return later
      },
    }
    return { resolver, waits }
  }

  test('the first message waits a second at most, the next not at all', async () => {
    const { resolver, waits } = deaf()
    const one = authenticator(resolver)
    const { checks } = await one.authenticate(arrival(letter))
    expect([checks?.spf.result, checks?.dmarc.result]).toEqual(['temperror', 'temperror'])
    expect(Math.max(...waits)).toBeLessThanOrEqual(1000)
    waits.length = 0
    await one.authenticate(arrival(letter))
    expect(Math.max(...waits)).toBe(0)
  })

  /** Answers from far away, not from memory. */
  function distant(): DnsResolver {
    const known = createFakeDnsResolver(zone)
    return {
      ...known,
      resolve: async (question) => {
        await clock.advance(5)
        return known.resolve(question)
      },
    }
  }
  const spf = async (one: ReturnType<typeof authenticator>) =>
    (await one.authenticate(arrival(letter))).checks?.spf.result

  test('a question in a while finds out that it is back', async () => {
    let now: DnsResolver = deaf().resolver
    const one = authenticator({ ...now, resolve: (question) => now.resolve(question) })
    expect(await spf(one)).toBe('temperror')
    now = distant()
    await clock.advance(2000)
    await spf(one)
    await new Promise((resolve) => setImmediate(resolve))
    expect(await spf(one)).toBe('pass')
  })

  test('zones that do not answer do not keep the others from being asked', async () => {
    const far = distant()
    const { resolver, waits } = deaf()
    const isDead = (name: string) => name.endsWith('dead.test')
    const one = authenticator({
      ...far,
      resolve: (question) => (isDead(question.name) ? resolver : far).resolve(question),
    })
    expect(await spf(one)).toBe('pass')
    for (const name of ['a', 'b', 'c', 'd']) {
      const sender = `x@${name}.dead.test`
      await one.authenticate(arrival(letter.replace('ann@far.test', sender), { sender }))
    }
    expect(waits.length).toBeGreaterThan(3)
    expect(await spf(one)).toBe('pass')
  })
})

test('a header that would take long to check is not checked, and says so', async () => {
  const long = letter.replace('Subject', `${'X: y\r\n'.repeat(50_000)}Subject`)
  const { checks } = await authenticator().authenticate(arrival(await signed(long)))
  expect(checks?.dkim).toMatchObject([{ result: 'policy', domain: 'far.test' }])
})

test('a mistake of ours keeps no mail out, and lets nothing forged in', async () => {
  const broken = { ...createFakeDnsResolver({}), resolve: () => Promise.reject(new Error('bug')) }
  const field = 'Authentication-Results: mail.home.test; spf=pass\r\n'
  expect(await authenticator(broken).authenticate(arrival(field + letter))).toEqual({
    header: '',
    forged: [{ from: 0, to: field.length }],
  })
})
