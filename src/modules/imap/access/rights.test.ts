import { expect, test } from 'vitest'
import type { AccountId } from '../../../ports/accounts.ts'
import type { Grant } from '../../../ports/mail-shares.ts'
import { flagScope, grantsFor, isReadOnly, readRights, rightsOf, rightsText } from './rights.ts'

const ann = 1 as AccountId
const bob = 2 as AccountId
const grant = (grantee: Grant['grantee'], rights: string): Grant => {
  const negative = rights.startsWith('-')
  return { grantee, rights: negative ? rights.slice(1) : rights, negative }
}

test.each<[readonly Grant[], string]>([
  [[], ''],
  [[grant(ann, 'rl')], 'lr'],
  [[grant(ann, 'l'), grant('anyone', 'r')], 'lr'],
  [[grant(ann, 'lrs'), grant(ann, '-s')], 'lr'],
  [[grant(ann, 'lrs'), grant('anyone', '-rs')], 'l'],
  [[grant('anyone', 'lr'), grant(ann, '-lr')], ''],
  [[grant(bob, 'lr')], ''],
  [[grant(ann, 'k')], 'kc'],
  [[grant(ann, 'te')], 'ted'],
])('%j gives ann %s', (grants, rights) => {
  expect(rightsText(rightsOf(grantsFor(ann, grants)))).toBe(rights)
})

test.each([
  ['lr', 'lr'],
  ['rl', 'lr'],
  ['llrr', 'lr'],
  ['c', 'kxc'],
  ['d', 'ted'],
  ['', ''],
  ['lz', undefined],
  ['L', undefined],
  ['l r', undefined],
  ['0', undefined],
])('%j reads as %s', (text, rights) => {
  const read = readRights(text)
  expect(read && rightsText(read)).toBe(rights)
})

test.each([
  ['lr', true],
  ['lrp', true],
  ['lrka', true],
  ['lrs', false],
  ['lrw', false],
  ['lri', false],
  ['lrt', false],
  ['lre', false],
])('with %s a mailbox is open for reading only: %s', (text, readOnly) => {
  expect(isReadOnly(readRights(text) ?? new Set())).toBe(readOnly)
})

test('each kind of flag has its right', () => {
  expect(flagScope(new Set(['s']))).toEqual({ seen: true, deleted: false, others: false })
  expect(flagScope(new Set(['t']))).toEqual({ seen: false, deleted: true, others: false })
  expect(flagScope(new Set(['w']))).toEqual({ seen: false, deleted: false, others: true })
})
