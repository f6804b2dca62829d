import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Address, type DomainName, parseAddress } from './address.ts'
import { srsForward, srsReverse } from './srs.ts'

const dayMs = 86_400_000
const a = (text: string) => parseAddress(text) ?? ('no address' as Address)
const rules = {
  domain: 'us.example' as DomainName,
  // What Mailu derives from SECRET_KEY=ABCDEFGHIJ0123456.
  key: Buffer.from('f823d32da775d5b544fa96ec064353961cf7d706d4a29289249a89e5ce0c43f6', 'hex'),
  now: Date.UTC(2026, 10, 21),
}

// The right side was worked out with another language's HMAC.
test.each([
  ['ann@else.example', 'SRS0=WtND=JK=else.example=ann@us.example'],
  ['ann=x@else.example', 'SRS0=wBiZ=JK=else.example=ann=x@us.example'],
  ['bounce+list-5@lists.example', 'SRS0=A9tr=JK=lists.example=bounce+list-5@us.example'],
  [
    'SRS0=AbCd=ZZ=else.example=ann@relay.example',
    'SRS1=6TjY=relay.example==AbCd=ZZ=else.example=ann@us.example',
  ],
])('%s leaves as %s and finds back', (sender, rewritten) => {
  expect(srsForward(a(sender), rules)).toBe(a(rewritten))
  expect(srsReverse(a(rewritten), rules)).toBe(a(sender))
})

test('an SRS1 address is rewritten for the first server alone', () => {
  const second = srsForward(a('SRS0=AbCd=ZZ=else.example=ann@relay.example'), rules)
  const there = { ...rules, domain: 'third.example' as DomainName, key: Buffer.alloc(32, 1) }
  const third = second && srsForward(second, there)
  expect(third).toMatch(/^srs1=.{4}=relay\.example==abcd=zz=else\.example=ann@third\.example$/)
  expect(third && srsReverse(third, there)).toBe(a('SRS0=AbCd=ZZ=else.example=ann@relay.example'))
})

describe('is not reversed', () => {
  const rewritten = 'SRS0=WtND=JK=else.example=ann@us.example'
  test.each([
    ['with another hash', rewritten.replace('WtND', 'WtNE'), 0],
    ['with a shorter hash', rewritten.replace('WtND', 'W'), 0],
    ['without one', rewritten.replace('WtND=', ''), 0],
    ['for somebody else', rewritten.replace('=ann', '=bob'), 0],
    ['for another domain', rewritten.replace('else', 'elsewhere'), 0],
    ['with a younger day', rewritten.replace('JK', 'JL'), 0],
    ['after three weeks', rewritten, 21],
    ['before it was made', rewritten, -1],
    ['when it is an ordinary address', 'srs0@us.example', 0],
    ['when it is SRS1 with another hash', 'SRS1=6TjX=relay.example==AbCd=ZZ=else.example=ann@us.example', 0],
  ])('%s', (_, address, days) => {
    expect(srsReverse(a(address), { key: rules.key, now: rules.now + days * dayMs })).toBeUndefined()
  })

  test('but is for twenty days', () => {
    expect(srsReverse(a(rewritten), { key: rules.key, now: rules.now + 20 * dayMs })).toBe(
      a('ann@else.example'),
    )
  })
})

test('what cannot be rewritten is left', () => {
  expect(srsForward(a('"a b"@else.example'), rules)).toBeUndefined()
  expect(srsForward(a(`${'x'.repeat(180)}@else.example`), rules)).toBeUndefined()
})

test('whoever is rewritten is found back, also through servers that change the case', () => {
  const letter = fc.constantFrom(...Array.from('abcxyz019!#$%&*+-/=?^_{|}~'))
  const local = fc.string({ unit: letter, minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(local, fc.boolean(), (name, isUpper) => {
      const sender = a(`${name}@else.example`)
      const out = srsForward(sender, rules) ?? ('' as Address)
      const seen = a(isUpper ? out.toUpperCase() : out)
      expect(srsReverse(seen, rules)).toBe(sender)
    }),
  )
})
