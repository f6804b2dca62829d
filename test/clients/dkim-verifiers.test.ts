import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { parseAddress } from '../../src/lib/address.ts'
import { sevenBit } from '../../src/lib/mime/debinary.ts'
import { createMailAuthenticator, createMailSigner } from '../../src/modules/dkim/index.ts'
import type { SigningKey } from '../../src/ports/dkim-keys.ts'
import type { AuthChecks } from '../../src/ports/mail-authentication.ts'
import { arrivalOf } from '../support/arrival.ts'
import { createFakeDnsResolver } from '../support/fakes/dns-resolver.ts'
import { createFakeMessageBytes } from '../support/fakes/message-bytes.ts'
import { createFakeLog, silentMeter } from '../support/fakes/runtime.ts'
import { sealedMessage } from '../support/sealed-message.ts'
import { requireDebian } from './support/debian.ts'
import {
  dkimpyChain,
  dkimpyMakes,
  dkimpyVerifies,
  opendkimVerifies,
  type Said,
} from './support/dkim-programs.ts'
import { rspamdVerifies } from './support/rspamd.ts'

beforeAll(() => requireDebian('opendkim', 'rspamd', 'python3-dkim', 'python3-nacl', 'python3-authres'))

const domain = 'home.test' as SigningKey['domain']
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const ed25519 = generateKeyPairSync('ed25519').privateKey
const signing: readonly SigningKey[] = [
  { domain, selector: 'dkim', pem: rsa.export({ type: 'pkcs8', format: 'pem' }).toString() },
  { domain, selector: 'dkim-ed25519', pem: ed25519.export({ type: 'pkcs8', format: 'pem' }).toString() },
]
const spki = (key: typeof rsa) => createPublicKey(key).export({ type: 'spki', format: 'der' })
const published = new Map([
  ['dkim._domainkey.home.test', `v=DKIM1; k=rsa; p=${spki(rsa).toString('base64')}`],
  [
    'dkim-ed25519._domainkey.home.test',
    `v=DKIM1; k=ed25519; p=${spki(ed25519).subarray(-32).toString('base64')}`,
  ],
])

const ambient = {
  bytes: createFakeMessageBytes(),
  clock: { now: () => Date.now(), sleep: () => Promise.resolve() },
  log: createFakeLog(),
  meter: silentMeter,
}
const signer = createMailSigner({
  ...ambient,
  keys: {
    signing: async () => signing,
    all: async () => signing.map((key) => ({ ...key, stage: 'signing' as const, since: 0 })),
  },
})
const authenticator = createMailAuthenticator({
  ...ambient,
  resolver: createFakeDnsResolver(
    Object.fromEntries(
      [...published].map(([name, text]) => [`${name} TXT`, [{ type: 'TXT', strings: [text] }]]),
    ),
  ),
  keys: { signing: async () => signing },
  hostnames: ['mx.home.test'],
  seal: true,
})

const arrival = (text: string) =>
  arrivalOf(sealedMessage(text), {
    origin: { kind: 'arrived' as const },
    sender: parseAddress('ann@home.test'),
    recipients: [parseAddress('bob@home.test')].flatMap((address) =>
      address ? [{ address, notify: undefined, originalRecipient: undefined }] : [],
    ),
  })

async function checks(text: string): Promise<AuthChecks> {
  const report = await authenticator.authenticate(arrival(text))
  if (!report.checks) throw new Error('nothing was checked')
  return report.checks
}
const ours = async (text: string): Promise<Said> =>
  (await checks(text)).dkim.map(({ result }) => (result === 'pass' ? 'pass' : 'fail'))

const word = fc.constantFrom(
  'a',
  'Grüße'.normalize('NFC'),
  '  ',
  '\t',
  'long'.repeat(30),
  '=',
  '.',
  'From me',
  '\u00a0',
)
const line = fc.array(word, { maxLength: 6 }).map((words) => Buffer.from(words.join('')).toString('latin1'))
const letter = fc
  .record({
    subject: line,
    folded: fc.boolean(),
    more: fc.subarray([
      'Reply-To: <ann@home.test>',
      'List-Id: <l.home.test>',
      'Cc: c@far.test,\r\n\td@far.test',
      'MIME-Version: 1.0',
      'X-Odd:  two  blanks ',
    ]),
    body: fc.array(line, { maxLength: 12 }),
    end: fc.constantFrom('\r\n', '\r\n\r\n\r\n', ' \r\n\t\r\n'),
  })
  .map(({ subject, folded, more, body, end }) =>
    [
      'From: Ann <ann@home.test>',
      `Subject: x${folded ? '\r\n ' : ' '}${subject.replace(/^\s+|\s+$/g, '')}x`,
      'To: bob@far.test',
      'Date: Fri, 21 Nov 2025 10:00:00 +0000',
      'Message-ID: <1@home.test>',
      ...more,
      '',
      body.join('\r\n') + end,
    ].join('\r\n'),
  )

const letters = (count: number, seed: number) => fc.sample(letter, { numRuns: count, seed })

async function signed(text: string): Promise<string> {
  return (await signer.sign(sealedMessage(text), parseAddress('ann@home.test'))).header + text
}

async function rewritten(text: string): Promise<string> {
  const before = new Uint8Array(Buffer.from(await signed(text), 'latin1'))
  const after = sevenBit(before)
  const again = await signer.signAgain(before, after)
  if (!again) throw new Error('nothing was signed')
  return again.header + Buffer.from(after.subarray(again.replaces)).toString('latin1')
}

/** Of nothing but blanks rspamd 3.4 hashes lines that RFC 6376 §3.4.4 takes away; the others do as it says. */
const hasBody = (message: string) => /\S/.test(message.slice(message.indexOf('\r\n\r\n')))

describe('what we sign', () => {
  test.each([
    ['as it was written', signed],
    ['as it was rewritten for a server without 8BITMIME', rewritten],
  ])('opendkim, dkimpy and rspamd accept, with both keys: %s', { timeout: 120_000 }, async (_, made) => {
    const messages = await Promise.all(letters(100, 1).map(made))
    const good = messages.map(() => ['pass', 'pass'])
    expect(await dkimpyVerifies(messages, published)).toEqual(good)
    expect(await opendkimVerifies(messages, published)).toEqual(good)
    const asked = messages.filter(hasBody)
    expect(asked.length).toBeGreaterThan(85)
    expect(await rspamdVerifies(asked, domain, published)).toEqual(asked.map(() => ['pass', 'pass']))
  })

  test('rspamd would say so if they did not', { timeout: 60_000 }, async () => {
    const [message = ''] = await Promise.all(letters(1, 1).map(signed))
    const forged = message.replace('Subject: x', 'Subject: y')
    expect(await rspamdVerifies([forged], domain, published)).toEqual([['fail', 'fail']])
  })
})

describe('what others sign', () => {
  const seed = ed25519.export({ type: 'pkcs8', format: 'der' }).subarray(-32).toString('base64')
  test.each(['relaxed/relaxed', 'simple/simple', 'relaxed/simple', 'simple/relaxed'])(
    'dkimpy, %s',
    async (canonical) => {
      for (const [algorithm, selector, key] of [
        ['rsa-sha256', 'dkim', rsa.export({ type: 'pkcs1', format: 'pem' }).toString()],
        ['ed25519-sha256', 'dkim-ed25519', seed],
      ] as const) {
        const by = { domain, selector, key, algorithm, canonical }
        const messages = await dkimpyMakes('sign', letters(50, 2), by, published)
        for (const message of messages) expect(await ours(message)).toEqual(['pass'])
      }
    },
  )

  test('a chain of ARC that dkimpy and we make in turns holds for both', async () => {
    const key = rsa.export({ type: 'pkcs1', format: 'pem' }).toString()
    const by = {
      domain,
      selector: 'dkim',
      key,
      algorithm: 'rsa-sha256',
      canonical: 'relaxed/relaxed',
    } as const
    const sealed = async (text: string) => (await authenticator.authenticate(arrival(text))).header + text
    const one = await Promise.all(letters(20, 3).map(sealed))
    expect(await dkimpyChain(one, published)).toEqual(one.map(() => 'pass'))
    const two = await dkimpyMakes('seal', one, by, published)
    for (const message of two) expect((await checks(message)).arc).toMatchObject({ result: 'pass' })
    const three = await Promise.all(two.map(sealed))
    expect(await dkimpyChain(three, published)).toEqual(three.map(() => 'pass'))
  })
})

/** An octet here and there is another one, or gone. */
const damage = fc.array(
  fc.record({ at: fc.nat(10_000), to: fc.constantFrom(' ', 'x', '=', ';', '\t', '', ':', 'X', '\xe4') }),
  { minLength: 1, maxLength: 2 },
)

function damaged(message: string, changes: readonly { readonly at: number; readonly to: string }[]): string {
  return changes.reduce((text, { at, to }) => {
    const place = at % text.length
    // Line ends stay: SMTP takes no others.
    return /[\r\n]/.test(text.charAt(place)) ? text : text.slice(0, place) + to + text.slice(place + 1)
  }, message)
}

test('of 1,000 messages, most of them damaged, all three say the same', { timeout: 300_000 }, async () => {
  const whole = await Promise.all(letters(1000, 4).map(signed))
  const changes = fc.sample(damage, { numRuns: 1000, seed: 5 })
  const messages = whole.map((message, index) =>
    index % 5 === 0 ? message : damaged(message, changes[index] ?? []),
  )
  const [dkimpy, opendkim] = await Promise.all([
    dkimpyVerifies(messages, published),
    opendkimVerifies(messages, published),
  ])
  const differences: string[] = []
  let compared = 0
  for (const [index, message] of messages.entries()) {
    const said = await ours(message)
    const others = [
      ...(isOrderly(message) ? [dkimpy[index] ?? []] : []),
      // It says nothing at all where one of the signatures cannot be read.
      ...(opendkim[index]?.length === 0 ? [] : [opendkim[index] ?? []]),
    ]
    compared += others.length
    // Where they do not agree with each other (about padding of base64, say), we have to agree with one.
    if (others.length > 0 && !others.some((other) => other.join() === said.join()))
      differences.push(
        `we ${said.join()}, they ${others.map((other) => other.join()).join(' and ')}:\n${message}`,
      )
  }
  expect(differences).toEqual([])
  expect(compared).toBeGreaterThan(1500)
})

/** dkimpy reads no message that has a line in its header which is no field; we leave that line out. */
const isOrderly = (message: string) =>
  message
    .slice(0, message.indexOf('\r\n\r\n'))
    .split(/\r\n(?![ \t])/)
    .every((field) => /^[!-9;-~]+:/.test(field))
