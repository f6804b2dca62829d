import { expect, test } from 'vitest'
import { decodeWords, encodeWords } from './encoded-word.ts'

test.each([
  // RFC 2047 §8
  ['=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?=', 'Keld Jørn Simonsen'],
  [
    '=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?= =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=',
    'If you can read this you understand the example.',
  ],
  ['(=?ISO-8859-1?Q?a?=)', '(a)'],
  ['=?ISO-8859-1?Q?a?= b', 'a b'],
  ['=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=', 'ab'],
  ['=?ISO-8859-1?Q?a_?= =?ISO-8859-2?Q?_b?=', 'a  b'],
  // RFC 2231 §5
  ['=?US-ASCII*EN?Q?Keith_Moore?=', 'Keith Moore'],
  // a character cut between two words, which §5 forbids and people send
  ['=?utf-8?Q?gr=C3?= =?utf-8?Q?=BC=C3=9Fe?=', 'grüße'],
  ['=?utf-8?B?Z3LD?= =?utf-8?B?vMOf?=', 'grüß'],
  ['=?utf-8?B?YQ==?= =?utf-8?B?Yg==?=', 'ab'],
  // charsets with shifts begin anew in every word
  ['=?iso-2022-jp?B?GyRCRnxLXBsoQg==?= =?iso-2022-jp?B?GyRCOGwbKEI=?=', '日本語'],
  ['=?utf-7?Q?a+AOQ-?=', 'aä'],
  ['=?gb2312?B?xOO6ww==?=', '你好'],
  ['=?x-nobody-knows?Q?gr=C3=BCn?=', 'grün'],
  ['=?utf-8?q?in_small?=', 'in small'],
  ['=?utf-8?Q?with blank inside?=', 'with blank inside'],
  ['a=?utf-8?Q?=C3=A4?=b', 'aäb'],
  // not words
  ['=?utf-8?X?abc?=', '=?utf-8?X?abc?='],
  ['=?utf-8?Q?abc', '=?utf-8?Q?abc'],
  ['=?=?=?', '=?=?=?'],
  ['1 =? 2', '1 =? 2'],
  ['', ''],
])('%j reads %j', (raw, text) => {
  expect(decodeWords(raw)).toBe(text)
})

test.each(['plain', 'Grüße aus Köln', 'only Ünï here', '日本語の件名'.repeat(20), 'a 😀 b', '  ä  '])(
  'what is made of %j is seven bits, in words of at most 75 characters, and reads the same',
  (text) => {
    const encoded = encodeWords(text)
    expect(encoded).toMatch(/^[\x20-\x7e]*$/)
    expect(Math.max(...encoded.split(' ').map((word) => word.length))).toBeLessThanOrEqual(75)
    expect(decodeWords(encoded)).toBe(text)
  },
)
