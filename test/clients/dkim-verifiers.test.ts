import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { parseAddress } from '../../src/lib/address.ts'
import { sevenBit } from '../../src/lib/mime/debinary.ts'
import { createMailSigner } from '../../src/modules/dkim/index.ts'
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
import {
  ambient,
  arrival,
  authenticator,
  checks,
  damage,
  damaged,
  domain,
  ed25519,
  letters,
  published,
  rsa,
  signing,
} from './support/signed-letters.ts'

beforeAll(() => requireDebian('opendkim', 'rspamd', 'python3-dkim', 'python3-nacl', 'python3-authres'))

const signer = createMailSigner({
  ...ambient,
  keys: {
    signing: async () => signing,
    all: async () => signing.map((key) => ({ ...key, stage: 'signing' as const, since: 0 })),
  },
})
const ours = async (text: string): Promise<Said> =>
  (await checks(text)).dkim.map(({ result }) => (result === 'pass' ? 'pass' : 'fail'))

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

test('of 1,000 chains of ARC, most of them damaged, dkimpy says the same', { timeout: 300_000 }, async () => {
  const by = {
    domain,
    selector: 'dkim',
    key: rsa.export({ type: 'pkcs1', format: 'pem' }).toString(),
    algorithm: 'rsa-sha256',
    canonical: 'relaxed/relaxed',
  } as const
  const sealed = async (text: string) => (await authenticator.authenticate(arrival(text))).header + text
  const once = await Promise.all(letters(1000, 6).map(sealed))
  // Every second one is sealed by two.
  const twice = await dkimpyMakes('seal', once.slice(500), by, published)
  const changes = fc.sample(damage, { numRuns: 1000, seed: 7 })
  const messages = [...once.slice(0, 500), ...twice].map((message, index) =>
    index % 5 === 0 ? message : damaged(message, changes[index] ?? []),
  )
  const theirs = await dkimpyChain(messages, published)
  const differences: string[] = []
  const seen = new Map<string, number>()
  for (const [index, message] of messages.entries()) {
    const { result, why } = (await checks(message)).arc
    const other = theirs[index] ?? ''
    if (!isOrderly(message)) continue
    const said = givesUp.test(other) ? 'fail' : other
    seen.set(said, (seen.get(said) ?? 0) + 1)
    if (result !== said) differences.push(`we ${result} (${why}), dkimpy ${other}:\n${message}`)
  }
  expect(differences).toEqual([])
  expect(seen.get('pass')).toBeGreaterThan(150)
  expect(seen.get('fail')).toBeGreaterThan(300)
})

/** It has no verdict for base64 of a wrong length, nor for a name that is not UTF-8: such a chain does not hold. RFC 8617 §5.2. */
const givesUp = /^error: (?:Incorrect padding|'utf-8' codec can't decode)/
