import { expect, test } from 'vitest'
import { BadSyntax } from '../../../lib/bad-syntax.ts'
import { overrideFor, readPolicyMap } from './policy-map.ts'

const map = readPolicyMap(`
# hosts that have trouble
Far.Example      encrypt
.lists.example   secure match=.lists.example:nexthop
   ciphers=high
[relay.example]:587  verify
[192.0.2.1]      none
bücher.example   dane-only
`)

test.each([
  ['far.example', 25, 'encrypt'],
  ['mx.far.example', 25, undefined],
  ['a.lists.example', 25, 'secure .lists.example nexthop'],
  ['b.a.lists.example', 25, 'secure .lists.example nexthop'],
  ['lists.example', 25, undefined],
  ['relay.example', 587, 'verify'],
  ['relay.example', 25, undefined],
  ['192.0.2.1', 25, 'none'],
  ['xn--bcher-kva.example', 25, 'dane-only'],
])('%s on port %i: %s', (nextHop, port, expected) => {
  const found = overrideFor(map, nextHop, port)
  expect(found && [found.level, ...(found.match ?? [])].join(' ')).toBe(expected)
})

test.each(['far.example', 'far.example dnae', 'far.example fingerprint match=aa'])(
  '%s is a mistake, with its line',
  (line) => {
    expect(() => readPolicyMap(`# first\n${line}`)).toThrow(BadSyntax)
    expect(() => readPolicyMap(`# first\n${line}`)).toThrow(/line 2/)
  },
)
