import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { parseAddress } from '../../../src/lib/address.ts'
import { createMailAuthenticator } from '../../../src/modules/dkim/index.ts'
import type { SigningKey } from '../../../src/ports/dkim-keys.ts'
import type { Arrival } from '../../../src/ports/intake.ts'
import type { AuthChecks } from '../../../src/ports/mail-authentication.ts'
import { arrivalOf } from '../../support/arrival.ts'
import { createFakeDnsResolver } from '../../support/fakes/dns-resolver.ts'
import { createFakeMessageBytes } from '../../support/fakes/message-bytes.ts'
import { createFakeLog, silentMeter } from '../../support/fakes/runtime.ts'
import { sealedMessage } from '../../support/sealed-message.ts'

export const domain = 'home.test' as SigningKey['domain']
export const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
export const ed25519 = generateKeyPairSync('ed25519').privateKey
export const signing: readonly SigningKey[] = [
  { domain, selector: 'dkim', pem: rsa.export({ type: 'pkcs8', format: 'pem' }).toString() },
  { domain, selector: 'dkim-ed25519', pem: ed25519.export({ type: 'pkcs8', format: 'pem' }).toString() },
]
const spki = (key: typeof rsa) => createPublicKey(key).export({ type: 'spki', format: 'der' })
export const published = new Map([
  ['dkim._domainkey.home.test', `v=DKIM1; k=rsa; p=${spki(rsa).toString('base64')}`],
  [
    'dkim-ed25519._domainkey.home.test',
    `v=DKIM1; k=ed25519; p=${spki(ed25519).subarray(-32).toString('base64')}`,
  ],
])

export const ambient = {
  bytes: createFakeMessageBytes(),
  clock: { now: () => Date.now(), sleep: () => Promise.resolve() },
  log: createFakeLog(),
  meter: silentMeter,
}
export const authenticator = createMailAuthenticator({
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

export const arrival = (text: string): Arrival =>
  arrivalOf(sealedMessage(text), {
    origin: { kind: 'arrived' as const },
    sender: parseAddress('ann@home.test'),
    recipients: [parseAddress('bob@home.test')].flatMap((address) =>
      address ? [{ address, notify: undefined, originalRecipient: undefined }] : [],
    ),
  })

export async function checks(text: string): Promise<AuthChecks> {
  const report = await authenticator.authenticate(arrival(text))
  if (!report.checks) throw new Error('nothing was checked')
  return report.checks
}
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

export const letters = (count: number, seed: number) => fc.sample(letter, { numRuns: count, seed })

/** An octet here and there is another one, or gone. */
export const damage = fc.array(
  fc.record({ at: fc.nat(10_000), to: fc.constantFrom(' ', 'x', '=', ';', '\t', '', ':', 'X', '\xe4') }),
  { minLength: 1, maxLength: 2 },
)

export function damaged(
  message: string,
  changes: readonly { readonly at: number; readonly to: string }[],
): string {
  return changes.reduce((text, { at, to }) => {
    const place = at % text.length
    // Line ends stay: SMTP takes no others.
    return /[\r\n]/.test(text.charAt(place)) ? text : text.slice(0, place) + to + text.slice(place + 1)
  }, message)
}
