import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BodyHash, type Canonical, canonicalField } from './canonical.ts'

// RFC 6376 §3.4.5.
test('the fields of RFC 6376, relaxed and simple', () => {
  expect(canonicalField('A: X\r\n', 'relaxed')).toBe('a:X')
  expect(canonicalField('B : Y\t\r\n\tZ  \r\n', 'relaxed')).toBe('b:Y Z')
  expect(canonicalField('B : Y\t\r\n\tZ  \r\n', 'simple')).toBe('B : Y\t\r\n\tZ  ')
})

test('an octet that is no blank of RFC 6376 stays, though JavaScript takes it for one', () => {
  expect(canonicalField('Subject: \xa0a\xa0\r\n', 'relaxed')).toBe('subject:\xa0a\xa0')
})

/** The rules as the RFC writes them, one after the other. */
function plainly(body: string, canonical: Canonical): string {
  const lines = body.split('\r\n')
  const kept =
    canonical === 'relaxed' ? lines.map((line) => line.replace(/[ \t]+/g, ' ').replace(/ $/, '')) : lines
  while (kept.at(-1) === '') kept.pop()
  if (kept.length === 0) return canonical === 'relaxed' ? '' : '\r\n'
  return `${kept.join('\r\n')}\r\n`
}

function hashed(pieces: readonly string[], canonical: Canonical, limit?: number) {
  const hash = new BodyHash(canonical, limit)
  for (const piece of pieces) hash.update(Buffer.from(piece, 'latin1'))
  return hash.digest()
}
const sha256 = (text: string) => createHash('sha256').update(text, 'latin1').digest('base64')

test.each([
  ['', 'simple', '\r\n'],
  ['', 'relaxed', ''],
  ['\r\n\r\n', 'simple', '\r\n'],
  ['\r\n \r\n', 'relaxed', ''],
  [' C \r\nD \t E\r\n\r\n\r\n', 'relaxed', ' C\r\nD E\r\n'],
  [' C \r\nD \t E\r\n\r\n\r\n', 'simple', ' C \r\nD \t E\r\n'],
  ['no line end', 'relaxed', 'no line end\r\n'],
  ['a\rb\r', 'simple', 'a\rb\r\r\n'],
  ['a \rb', 'relaxed', 'a \rb\r\n'],
] as const)('the body %j, %s, is hashed as %j', (body, canonical, expected) => {
  expect(hashed([body], canonical).hash.toString('base64')).toBe(sha256(expected))
})

test('however a body is cut, its hash is that of the plain rules', () => {
  const text = fc.array(fc.constantFrom('\r\n', ' ', '\t', 'a', '\xe4', '\r\n\r\n', 'word'), {
    maxLength: 40,
  })
  const cuts = fc.array(fc.nat(60), { maxLength: 6 })
  fc.assert(
    fc.property(text, cuts, fc.constantFrom<Canonical>('simple', 'relaxed'), (words, at, canonical) => {
      const body = words.join('')
      const edges = [0, ...at.filter((cut) => cut < body.length).sort((a, b) => a - b), body.length]
      const pieces = edges.slice(1).map((edge, index) => body.slice(edges[index], edge))
      const expected = plainly(body, canonical)
      const { hash, octets } = hashed(pieces, canonical)
      expect(hash.toString('base64')).toBe(sha256(expected))
      expect(octets).toBe(expected.length)
    }),
    { numRuns: 2000 },
  )
})

test('of a body with a limit, that many canonical octets count', () => {
  expect(hashed(['ab  c\r\ndef'], 'relaxed', 6).hash.toString('base64')).toBe(sha256('ab c\r\n'))
})

test('a hundred thousand empty lines before a word are hashed as they are', () => {
  const lines = '\r\n'.repeat(100_000)
  expect(hashed([lines, 'x'], 'simple').hash.toString('base64')).toBe(sha256(`${lines}x\r\n`))
})
