import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BadSyntax } from '../../../lib/bad-syntax.ts'
import { stsPolicyText, stsRecord } from '../../../lib/sts-policy-text.ts'
import { isMxOf, readStsPolicy, stsRecordId } from './sts-policy.ts'

test.each([
  [['v=STSv1; id=20160831085700Z;'], '20160831085700Z'],
  [['v=STSv1;id=1'], '1'],
  [['other', 'v=STSv1; id=a; x=y'], 'a'],
  [['v=STSv1; id=a', 'v=STSv1; id=b'], undefined],
  [['v=STSv1; id=a-b'], undefined],
  [['v=STSv1'], undefined],
  [['v=STSv10; id=a'], undefined],
  [[], undefined],
])('%j has the id %s', (texts, id) => {
  expect(stsRecordId(texts)).toBe(id)
})

const policy = (...lines: readonly string[]) => ['version: STSv1', ...lines].join('\r\n')

test('a policy is read as RFC 8461 has it', () => {
  const text = policy(
    'mode: enforce',
    'mx: mail.example.com',
    'mx: *.example.net',
    'mx:BÜCHER.example',
    'max_age: 604800',
    'new: x',
  )
  expect(readStsPolicy(text)).toEqual({
    mode: 'enforce',
    maxAge: 604_800,
    mx: ['mail.example.com', '*.example.net', 'xn--bcher-kva.example'],
  })
})

test.each([
  [
    'an age beyond a year is a year',
    policy('mode: testing', 'mx: a.example', 'max_age: 9999999999'),
    31_557_600,
  ],
  ['no servers are needed where there is no policy', policy('mode: none', 'max_age: 5'), 5],
  ['lines may end in LF alone', 'version: STSv1\nmode: none\nmax_age: 7\n', 7],
])('%s', (_, text, age) => {
  expect(readStsPolicy(text).maxAge).toBe(age)
})

test.each([
  ['', 'version'],
  ['mode: enforce\nmx: a.example\nmax_age: 1', 'version'],
  [policy('mx: a.example', 'max_age: 1'), 'mode'],
  [policy('mode: Enforce', 'mx: a.example', 'max_age: 1'), 'mode'],
  [policy('mode: enforce', 'mx: a.example'), 'max_age'],
  [policy('mode: enforce', 'max_age: 1'), 'mx'],
  [policy('mode: enforce', 'mx: *', 'max_age: 1'), 'mx'],
])('%j is none: no %s', (text, missing) => {
  expect(() => readStsPolicy(text)).toThrow(missing)
})

test('whatever somebody publishes, nothing but BadSyntax comes out', () => {
  const word = fc.constantFrom(
    'version: STSv1',
    'mode: enforce',
    'mx: *.a.example',
    'max_age: 5',
    ':',
    '\0',
    'mx:',
    'é',
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(word, fc.string())), (lines) => {
      try {
        readStsPolicy(lines.join('\n'))
      } catch (error) {
        expect(error).toBeInstanceOf(BadSyntax)
      }
    }),
  )
})

test.each([
  ['mail.example.com', true],
  ['a.example.net', true],
  ['a.b.example.net', false],
  ['example.net', false],
  ['xexample.net', false],
  ['xn--bcher-kva.example', true],
])('%s is one of them: %s', (host, expected) => {
  const mx = ['mail.example.com', '*.example.net', 'xn--bcher-kva.example']
  expect(isMxOf({ mode: 'enforce', maxAge: 1, mx }, host)).toBe(expected)
})

test('what we publish ourselves is read as it is meant, and another policy has another id', () => {
  const policy = { mode: 'enforce', mx: ['mail.home.test'] } as const
  expect(readStsPolicy(stsPolicyText(policy))).toEqual({ ...policy, maxAge: 604_800 })
  const id = stsRecordId([stsRecord(policy)])
  expect(id).toMatch(/^[a-z0-9]{20}$/)
  expect(stsRecordId([stsRecord({ ...policy, mode: 'testing' })])).not.toBe(id)
})
