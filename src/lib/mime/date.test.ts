import { expect, test } from 'vitest'
import {
  formatImapDateTime,
  formatImapUtcTime,
  formatMessageDate,
  parseImapDateTime,
  parseMessageDate,
} from './date.ts'

test.each([
  // RFC 5322 appendix A and §4.3
  ['Fri, 21 Nov 1997 09:55:06 -0600', '1997-11-21T15:55:06Z', -360],
  ['Tue, 1 Jul 2003 10:52:37 +0200', '2003-07-01T08:52:37Z', 120],
  [
    'Thu,\r\n      13\r\n        Feb\r\n          1969\r\n      23:32\r\n               -0330 (Newfoundland Time)',
    '1969-02-14T03:02:00Z',
    -210,
  ],
  ['21 Nov 97 09:55:06 GMT', '1997-11-21T09:55:06Z', 0],
  ['Fri, 21 Nov 97 09(comment):   55  :  06 -0600', undefined, 0],
  ['1 Jan 49 00:00 EST', '2049-01-01T05:00:00Z', -300],
  ['1 Jan 50 00:00 PDT', '1950-01-01T07:00:00Z', -420],
  ['1 Jan 104 00:00:00 +0000', '2004-01-01T00:00:00Z', 0],
  ['1 Jan 2024 00:00:00 -0000', '2024-01-01T00:00:00Z', 0],
  ['1 Jan 2024 00:00:00 Z', '2024-01-01T00:00:00Z', 0],
  ['1 Jan 2024 00:00:00 A', '2024-01-01T00:00:00Z', 0],
  ['29 Feb 2024 00:00:00 +0000', '2024-02-29T00:00:00Z', 0],
  ['30 Jun 2015 23:59:60 +0000', '2015-07-01T00:00:00Z', 0],
  ['1 Jan 2024 10:00:00 +0545', '2024-01-01T04:15:00Z', 345],
  // the year 10000 has no place on the wire
  ['31 Dec 9999 23:59:59 +0000', '9999-12-31T23:59:59Z', 0],
  ['31 Dec 9999 23:59:59 -1200', undefined, 0],
  // as some programs write it
  ['Thu Feb 13 10:00:00 2025', '2025-02-13T10:00:00Z', 0],
  ['Thu Feb 13 10:00:00 PST 2025', '2025-02-13T18:00:00Z', -480],
  ['Thursday, 13 February 2025 10:00:00 GMT+0100', '2025-02-13T09:00:00Z', 60],
  ['Fri, 23 Aug 2002 22:46:34 GMT+1', '2002-08-23T21:46:34Z', 60],
  ['13-Feb-2025 10:00:00 +0100', '2025-02-13T09:00:00Z', 60],
  ['Thu, 13 Feb 2025 9:5:1 +0000', '2025-02-13T09:05:01Z', 0],
  // no dates
  ['30 Feb 2024 00:00:00 +0000', undefined, 0],
  ['1 Foo 2024 00:00:00 +0000', undefined, 0],
  ['1 Jan 2024 24:00:00 +0000', undefined, 0],
  ['yesterday', undefined, 0],
  ['', undefined, 0],
])('%j is %s', (text, instant, zoneMinutes) => {
  const expected = instant === undefined ? undefined : { at: Date.parse(instant), zoneMinutes }
  expect(parseMessageDate(text)).toEqual(expected)
})

test.each([
  ['17-Jul-1996 02:44:25 -0700', '1996-07-17T09:44:25Z', -420],
  [' 7-jul-1996 02:44:25 +0000', '1996-07-07T02:44:25Z', 0],
  ['7-Jul-1996 02:44:25 +0000', undefined, 0],
  ['17-Jul-96 02:44:25 +0000', undefined, 0],
  ['17-Jul-1996 02:44 +0000', undefined, 0],
  ['31-Jun-1996 02:44:25 +0000', undefined, 0],
])('the IMAP date %j is %s', (text, instant, zoneMinutes) => {
  const expected = instant === undefined ? undefined : { at: Date.parse(instant), zoneMinutes }
  expect(parseImapDateTime(text)).toEqual(expected)
})

test.each([
  [Date.parse('2025-02-03T09:00:00Z'), 60, 'Mon, 3 Feb 2025 10:00:00 +0100', ' 3-Feb-2025 10:00:00 +0100'],
  [Date.parse('1996-07-17T09:44:25Z'), -420, 'Wed, 17 Jul 1996 02:44:25 -0700', '17-Jul-1996 02:44:25 -0700'],
  [Date.parse('2025-12-31T23:30:00Z'), 345, 'Thu, 1 Jan 2026 05:15:00 +0545', ' 1-Jan-2026 05:15:00 +0545'],
])('%i at %i minutes is written %j and %j, and read back', (at, zoneMinutes, message, imap) => {
  expect([formatMessageDate(at, zoneMinutes), formatImapDateTime(at, zoneMinutes)]).toEqual([message, imap])
  expect(parseMessageDate(message)).toEqual({ at, zoneMinutes })
  expect(parseImapDateTime(imap)).toEqual({ at, zoneMinutes })
})

test.each([
  0,
  -1,
  999,
  1_699_999_999_999,
  Date.UTC(2024, 1, 29, 23, 59, 59),
  Date.UTC(1, 0, 1),
  Date.UTC(9999, 11, 31),
])('the quick way of %i is the same', (at) => {
  expect(formatImapUtcTime(at)).toBe(formatImapDateTime(at))
  expect(formatImapUtcTime(at)).toBe(formatImapDateTime(at))
})
