import { expect, test } from 'vitest'
import { fieldPicker } from './header.ts'
import { listFieldPicker, packListFields } from './list-fields.ts'

const header = [
  'Return-Path: <ann@example.com>',
  'Received: from a',
  'DKIM-Signature: v=1;\r\n b=abc',
  'From: Ann',
  'to: Bob,\r\n Carl',
  'Subject: one',
  'X-Spam: no',
  'SUBJECT : two',
  'Date: now',
  '',
  '',
].join('\r\n')

test.each([[['Subject']], [['from', 'TO', 'subject', 'date']], [['return-path', 'date']], [['list-id']]])(
  '%j are what the whole header gives',
  (names) => {
    expect(listFieldPicker(names)?.(packListFields(header) ?? '')).toBe(fieldPicker(names)(header))
  },
)

test('fields that are not kept apart take the header itself', () => {
  expect(listFieldPicker(['subject', 'received'])).toBeUndefined()
})

test.each([
  ['is very long', `References: ${'<x>\r\n '.repeat(1000)}\r\n\r\n`],
  ['ends with a bare line feed', 'Subject: a\n\n'],
  ['has a NUL', 'Subject: a\0\r\n\r\n'],
  ['has very many fields', `${'Subject: a\r\n'.repeat(100)}\r\n`],
])('a header that %s is read as it stands', (_, text) => {
  expect(packListFields(text)).toBeUndefined()
})

test('a field may be almost as long as all of them, and have any octet', () => {
  const long = `Subject: ${'ü'.repeat(4_000)}\r\n\r\n`
  expect(listFieldPicker(['subject'])?.(packListFields(long) ?? '')).toBe(long)
})
