import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseAddress } from '../../src/lib/address.ts'
import { BadSyntax } from '../../src/lib/bad-syntax.ts'
import { readDmarcRecord } from '../../src/modules/dkim/dmarc/record.ts'
import { createMailAuthenticator } from '../../src/modules/dkim/index.ts'
import { readKeyRecord } from '../../src/modules/dkim/signature/key-record.ts'
import { parseMacros } from '../../src/modules/dkim/spf/macro.ts'
import { parseSpfRecord } from '../../src/modules/dkim/spf/record.ts'
import { arrivalOf } from '../support/arrival.ts'
import { createFakeClock } from '../support/fakes/clock.ts'
import { createFakeDnsResolver } from '../support/fakes/dns-resolver.ts'
import { createFakeMessageBytes } from '../support/fakes/message-bytes.ts'
import { createFakeLog, silentMeter } from '../support/fakes/runtime.ts'
import { sealedMessage } from '../support/sealed-message.ts'

const term = fc.constantFrom(
  'all',
  '-all',
  'a',
  'mx/24//64',
  'include:%{d}',
  'exists:%{ir}.x.test',
  'ip4:192.0.2.0/24',
  'ip6:::1/128',
  'ptr',
  'redirect=x.test',
  'exp=%{h}',
  'a:',
  '?',
  '%{',
  '/33',
  'ip4:1',
  '%{z}',
  '=',
  'x=%',
  '%{d9999999999r-}',
)
const record = fc
  .array(fc.oneof(term, fc.string({ maxLength: 12 })), { maxLength: 12 })
  .map((terms) => `v=spf1 ${terms.join(' ')}`)

function onlyBadSyntax(run: () => unknown): void {
  try {
    run()
  } catch (cause) {
    expect(cause).toBeInstanceOf(BadSyntax)
  }
}

test('a record of SPF is read, or is bad syntax', () => {
  fc.assert(fc.property(record, (text) => onlyBadSyntax(() => parseSpfRecord(text))))
  fc.assert(fc.property(fc.string(), (text) => onlyBadSyntax(() => parseMacros(text, 'explanation'))))
})

const tags = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        'v',
        'a',
        'b',
        'bh',
        'c',
        'd',
        'h',
        'i',
        'l',
        's',
        't',
        'x',
        'cv',
        'p',
        'k',
        'np',
        'sp',
        'rua',
        'psd',
      ),
      fc.oneof(
        fc.constantFrom(
          '1',
          'DKIM1',
          'DMARC1',
          'rsa-sha256',
          'relaxed/relaxed',
          'AA==',
          'far.test',
          'from:to',
          '@x',
          '-1',
          'pass',
          '',
        ),
        fc.string({ maxLength: 12 }),
      ),
    ),
    { maxLength: 12 },
  )
  .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join(';\r\n '))

test('records of keys and policies are read, whatever stands there', () => {
  fc.assert(
    fc.property(tags, fc.constantFrom('', 'v=DMARC1;', 'v=DKIM1;'), (text, version) => {
      expect(['key', 'revoked', 'unusable']).toContain(readKeyRecord(version + text).kind)
      readDmarcRecord(version + text)
    }),
  )
})

const field = fc
  .tuple(
    fc.constantFrom(
      'From',
      'DKIM-Signature',
      'ARC-Seal',
      'ARC-Message-Signature',
      'ARC-Authentication-Results',
      'Authentication-Results',
      'Subject',
    ),
    fc.oneof(
      tags,
      fc.string({ maxLength: 60 }),
      fc.constantFrom('a@far.test', '<a@far.test>, b@c.test', 'i=1; x', 'mail.home.test; ('),
    ),
  )
  .map(([name, value]) => `${name}: ${value}\r\n`)
const clock = createFakeClock()
const resolver = createFakeDnsResolver({
  'far.test TXT': [{ type: 'TXT', strings: ['v=spf1 include:far.test redirect=far.test'] }],
  '_dmarc.far.test TXT': [{ type: 'TXT', strings: ['v=DMARC1; p=reject'] }],
})

test('every message has a report in printable lines, and no mistake of ours is in it', async () => {
  const log = createFakeLog()
  const authenticator = createMailAuthenticator({
    resolver,
    bytes: createFakeMessageBytes(),
    clock,
    log,
    meter: silentMeter,
    hostnames: ['mail.home.test'],
    keys: { signing: async () => [] },
    seal: true,
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(field, { maxLength: 12 }),
      fc.string({ maxLength: 80 }),
      async (fields, body) => {
        const { header } = await authenticator.authenticate(
          arrivalOf(sealedMessage(`${fields.join('')}\r\n${body}`), {
            sender: parseAddress('a@far.test'),
            client: { ip: '2001:db8::1', helo: 'x', tls: false },
          }),
        )
        expect(header).toMatch(/^Authentication-Results: (?:[ -~]+\r\n\t)+[ -~]+\r\n$/)
      },
    ),
  )
  expect(log.events).toEqual([])
})
