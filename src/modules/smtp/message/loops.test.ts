import { expect, test } from 'vitest'
import { parseAddress } from '../../../lib/address.ts'
import { findLoop } from './loops.ts'

const ann = parseAddress('ann@home.test')
const recipients = ann ? [ann] : []

test.each([
  ['Received: a\r\nReceived: b\r\n', false],
  ['Received: a\r\nRECEIVED: b\r\nreceived: c\r\n', true],
  ['X-Received: a\r\nReceived-SPF: b\r\nReceived: c\r\n', false],
  ['Delivered-To: ann@home.test\r\n', true],
  ['delivered-to: <Ann@Home.test>\r\n', true],
  ['Delivered-To: bob@home.test\r\n', false],
  ['X-Delivered-To: ann@home.test\r\n', false],
])('%j loops: %s', (header, expected) => {
  expect(findLoop(header, recipients, 2) !== undefined).toBe(expected)
})
