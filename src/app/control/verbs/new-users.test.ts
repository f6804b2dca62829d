import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readNewUsers } from './new-users.ts'

const user = (address: string, password: string, displayedName = '') => ({ address, password, displayedName })

test.each([
  ['a@b.test,pw', user('a@b.test', 'pw')],
  ['a@b.test,"p,w",Ann', user('a@b.test', 'p,w', 'Ann')],
  ['a@b.test,"say ""hi""","Ann, of B"', user('a@b.test', 'say "hi"', 'Ann, of B')],
  ['A@BÜRO.test, blank ', user('a@xn--bro-hoa.test', ' blank ')],
  ['{"address":"a@b.test","password":"1"}', user('a@b.test', '1')],
  ['{"address":"a@b.test","password":"x","quotaBytes":5}', { ...user('a@b.test', 'x'), quotaBytes: 5 }],
])('%s is a user', (line, expected) => {
  expect(readNewUsers(`${line}\n`)).toEqual({ kind: 'users', users: [expected] })
})

test('a head line and empty lines are no users', () => {
  expect(readNewUsers('address,password\r\n\r\na@b.test,pw\r\n')).toEqual({
    kind: 'users',
    users: [user('a@b.test', 'pw')],
  })
})

test.each(['nobody,pw', 'a@b.test', 'a@b.test,', '{"address":"a@b.test"', '{"address":"a@b.test"}', '{}'])(
  '%s is a mistake, told with its line',
  (line) => {
    const read = readNewUsers(`ok@b.test,pw\n${line}\n`)
    expect(read.kind === 'mistakes' && read.mistakes).toEqual([expect.stringMatching(/^line 2: /)])
  },
)

test('whatever a file holds, it is read', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.json())), (lines) => {
      expect(['users', 'mistakes']).toContain(readNewUsers(lines.join('\n')).kind)
    }),
  )
})
