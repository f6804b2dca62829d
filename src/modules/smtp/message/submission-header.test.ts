import { expect, test } from 'vitest'
import { completeHeader } from './submission-header.ts'

const facts = { hostname: 'mail.home.test', id: 'x1', author: 'ann@home.test', at: Date.UTC(2026, 0, 15, 12) }
const complete = (text: string) => completeHeader(Buffer.from(text), facts).toString()
const whole = 'Date: today\r\nMessage-ID: <1@x>\r\nFrom: ann@home.test\r\n'

test.each([
  'Received: from laptop\r\n\tby phone\r\n',
  'User-Agent: Thing\r\n',
  'X-Mailer: Thing\r\n',
  'X-Enigmail-Version: 1\r\n',
  'X-Originating-IP: [192.0.2.1]\r\n',
  'X-PGP-Agent: x\r\n',
  'Bcc: eve@example.org,\r\n bob@example.org\r\n',
  'Resent-Bcc: eve@example.org\r\n',
  'Return-Path: <x@y>\r\n',
])('%j does not leave the house', (field) => {
  expect(complete(`${field}${whole}\r\n`)).toBe(`${whole}\r\n`)
})

test.each([
  'Subject: a\r\n b\r\n',
  'Subject: grüße\r\n',
  'X-Mail: x\r\n',
  'DKIM-Signature: v=1;\r\n\tb=x\r\n',
  'X:\r\n',
])('%j stays as it is', (field) => {
  expect(complete(`${whole}${field}\r\n`)).toBe(`${whole}${field}\r\n`)
})

test.each([
  ['MIME-Version: 1.0 (Apple Message framework v1)', 'MIME-Version: 1.0'],
  ['Mime-Version: 1.0', 'Mime-Version: 1.0'],
  ['MIME-Version:1.0 x', 'MIME-Version: 1.0'],
  ['MIME-Version: (x) 1.0', 'MIME-Version: (x) 1.0'],
])('%s goes out as %s', (field, expected) => {
  expect(complete(`${whole}${field}\r\n\r\n`)).toBe(`${whole}${expected}\r\n\r\n`)
})

test('what is missing is added', () => {
  expect(complete('Subject: x\r\n\r\n')).toMatch(
    /^Subject: x\r\nDate: Thu, 15 Jan 2026 12:00:00 \+0000\r\nMessage-ID: <x1\.[0-9a-f]{16}@mail\.home\.test>\r\nFrom: <ann@home\.test>\r\n\r\n$/,
  )
})

test('a Sender is added for several authors alone', () => {
  const several = 'Date: today\r\nMessage-ID: <1@x>\r\nFrom: a@home.test, b@home.test\r\n'
  expect(complete(`${several}\r\n`)).toBe(`${several}Sender: <ann@home.test>\r\n\r\n`)
  expect(complete(`${several}Sender: a@home.test\r\n\r\n`)).toBe(`${several}Sender: a@home.test\r\n\r\n`)
})

test.each([
  ['no header, only text\r\n', 'no header, only text\r\n'],
  [`${whole}then text: without\r\nX-Mailer: body\r\n`, 'then text: without\r\nX-Mailer: body\r\n'],
])('%j has its body where the fields end', (text, body) => {
  expect(complete(text).endsWith(`\r\n\r\n${body}`)).toBe(true)
})

test('a header without end gets one', () => {
  expect(complete(`${whole}Subject: x`)).toBe(`${whole}Subject: x\r\n\r\n`)
})
