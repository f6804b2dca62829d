import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { createFakeClock } from '../../../test/support/fakes/clock.ts'
import { createFakeDnsResolver } from '../../../test/support/fakes/dns-resolver.ts'
import { createFakeMessageBytes } from '../../../test/support/fakes/message-bytes.ts'
import { createFakeLog, silentMeter } from '../../../test/support/fakes/runtime.ts'
import { sealedMessage } from '../../../test/support/sealed-message.ts'
import { parseAddress } from '../../lib/address.ts'
import { sevenBit } from '../../lib/mime/debinary.ts'
import { readHeader } from '../../lib/mime/header.ts'
import type { SigningKey } from '../../ports/dkim-keys.ts'
import { createMailSigner } from './index.ts'
import { Lookups } from './lookups.ts'
import { Network } from './network.ts'
import { hashBody } from './signature/body-hashes.ts'
import { bodyHashOf, checkSignatures, findSignatures } from './signature/check.ts'
import { indexHeader } from './signature/header-input.ts'

const clock = createFakeClock()
const bytes = createFakeMessageBytes()
const home: SigningKey[] = []
const zone: Record<string, [{ type: 'TXT'; strings: string[] }]> = {}

beforeAll(() => {
  for (const [selector, type] of [
    ['dkim', 'rsa'],
    ['dkim-ed25519', 'ed25519'],
  ] as const) {
    const { privateKey } =
      type === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519')
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    home.push({ domain: 'home.test' as SigningKey['domain'], selector, pem })
    const der = createPublicKey(pem).export({ type: 'spki', format: 'der' })
    const p = (type === 'rsa' ? der : der.subarray(-32)).toString('base64')
    zone[`${selector}._domainkey.home.test TXT`] = [{ type: 'TXT', strings: [`v=DKIM1; k=${type}; p=${p}`] }]
  }
})

const log = createFakeLog()
const signer = () =>
  createMailSigner({
    keys: {
      signing: async (domain) => (domain === 'home.test' ? home : []),
      all: async (domain) =>
        domain === 'home.test' ? home.map((key) => ({ ...key, stage: 'signing', since: 0 })) : [],
    },
    bytes,
    clock,
    log,
    meter: silentMeter,
  })

const sign = async (text: string, sender: string | undefined) =>
  (await signer().sign(sealedMessage(text), sender === undefined ? undefined : parseAddress(sender))).header

async function verify(text: string): Promise<readonly string[]> {
  const message = sealedMessage(text)
  const indexed = indexHeader(readHeader(Buffer.from(text, 'latin1')))
  const found = findSignatures(indexed)
  const wanted = found.flatMap(({ read }) => (read.kind === 'signature' ? [bodyHashOf(read.signature)] : []))
  const resolver = createFakeDnsResolver(zone)
  const lookups = new Lookups(new Network(resolver, { clock, log }), clock)
  const checked = await checkSignatures(found, {
    indexed,
    body: hashBody(bytes, message, wanted),
    lookups,
    now: clock.now(),
  })
  return checked.map(({ algorithm, result, why }) => `${algorithm} ${result} ${why}`.trim())
}

const letter =
  'From: Ann <ann@home.test>\r\nTo: bob@far.test\r\nSubject: Hi\r\nList-Id: x\r\n\r\nHello  Bob \r\n\r\n'

test('a letter bears two signatures, and both are good', async () => {
  const header = await sign(letter, 'ann@home.test')
  expect(await verify(header + letter)).toEqual(['rsa-sha256 pass', 'ed25519-sha256 pass'])
  expect(header.match(/^DKIM-Signature: /gm)).toHaveLength(2)
  expect(header.endsWith('\r\n')).toBe(true)
  for (const line of header.split('\r\n')) expect(line.length).toBeLessThan(90)
})

test.each([
  ['From', 'From: <eve@far.test>\r\n'],
  ['Subject', 'Subject: Win\r\n'],
  ['To', 'To: all@far.test\r\n'],
])('a second %s breaks both', async (_, field) => {
  const header = await sign(letter, 'ann@home.test')
  for (const line of await verify(header + field + letter)) expect(line).toContain('fail')
})

test('a list may add its own fields', async () => {
  const header = await sign(letter.replace('List-Id: x\r\n', ''), 'ann@home.test')
  expect(await verify(`${header}List-Id: y\r\n${letter.replace('List-Id: x\r\n', '')}`)).toEqual([
    'rsa-sha256 pass',
    'ed25519-sha256 pass',
  ])
})

describe('only whose domain it is signs', () => {
  const from = (value: string) => letter.replace('Ann <ann@home.test>', value)
  test.each([
    ['From of another domain', from('ann@far.test'), 'ann@home.test', false],
    ['an envelope of another domain', letter, 'ann@far.test', false],
    ['mail of this server', letter, undefined, true],
    ['mail of this server, from the name of its host', from('MAILER-DAEMON@mail.home.test'), undefined, true],
    ['a user of a domain below', from('ann@mail.home.test'), 'ann@mail.home.test', false],
    ['two authors of one domain', from('ann@home.test, bob@home.test'), 'ann@home.test', true],
    ['authors of two domains', from('ann@home.test, bob@far.test'), 'ann@home.test', false],
    ['two From', `From: ann@home.test\r\n${letter}`, 'ann@home.test', false],
    ['no From', letter.replace('From', 'Form'), 'ann@home.test', false],
    ['From in capitals', from('ANN@HOME.TEST'), 'ann@home.test', true],
  ])('%s', async (_, text, sender, signed) => {
    expect((await sign(text, sender)) !== '').toBe(signed)
  })
})

test('a key that cannot be read costs the signature, not the mail', async () => {
  const broken = createMailSigner({
    keys: { signing: async (domain) => [{ domain, selector: 'dkim', pem: 'nothing' }], all: async () => [] },
    bytes,
    clock,
    log,
    meter: silentMeter,
  })
  expect(await broken.sign(sealedMessage(letter), parseAddress('ann@home.test'))).toEqual({ header: '' })
  expect(log.events.at(-1)).toMatchObject({ level: 'error', event: 'dkim.not-signed' })
})

describe('a message that was rewritten on its way', () => {
  const eightBit =
    'From: ann@home.test\r\nTo: x@far.test\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGr\xfc\xdfe\r\n'
  const octets = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))
  const again = async (before: string, after = sevenBit(octets(before))) => {
    const signed = await signer().signAgain(octets(before), after)
    if (!signed) return undefined
    return signed.header + Buffer.from(after.subarray(signed.replaces)).toString('latin1')
  }

  test('is signed again in the place of what held before', async () => {
    const sent = await again(`${await sign(eightBit, 'ann@home.test')}Received: by x\r\n${eightBit}`)
    expect(sent).toMatch(/^DKIM-Signature: .*Received: by x\r\n.*\r\n\r\nR3L832UN/s)
    expect(await verify(sent ?? '')).toEqual(['rsa-sha256 pass', 'ed25519-sha256 pass'])
  })

  test.each([
    ['that nobody here signed', eightBit, false],
    ['that was changed by others before', eightBit.replace('To: x', 'To: y'), true],
    ['that is signed further down', `Received: by x\r\nSIGNED${eightBit}`, true],
  ])('%s is not signed', async (_, text, isSigned) => {
    const header = isSigned ? await sign(eightBit, 'ann@home.test') : ''
    expect(await again(text.includes('SIGNED') ? text.replace('SIGNED', header) : header + text)).toBe(
      undefined,
    )
  })
})
