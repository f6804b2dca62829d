import { expect, test } from 'vitest'
import { parseParameters } from './parameters.ts'

test.each<[string, string, Record<string, string>]>([
  ['text/plain', 'text/plain', {}],
  ['text/plain; charset=utf-8; format=flowed', 'text/plain', { charset: 'utf-8', format: 'flowed' }],
  ['TEXT/PLAIN;CHARSET="US-ASCII"', 'TEXT/PLAIN', { charset: 'US-ASCII' }],
  ['text/plain; charset=us-ascii (Plain text)', 'text/plain', { charset: 'us-ascii' }],
  ['text/plain (comment); (another) charset=utf-8', 'text/plain', { charset: 'utf-8' }],
  ['attachment; filename="a;b \\"c\\".txt"', 'attachment', { filename: 'a;b "c".txt' }],
  ['attachment; filename=two words.pdf', 'attachment', { filename: 'two words.pdf' }],
  ['attachment; filename="C:\\temp\\a.txt"', 'attachment', { filename: 'C:\\temp\\a.txt' }],
  ['attachment; filename="never closed', 'attachment', { filename: 'never closed' }],
  ['text/plain charset=utf-8', 'text/plain', { charset: 'utf-8' }],
  ['text/plain; charset="utf-8" name="x"', 'text/plain', { charset: 'utf-8', name: 'x' }],
  ['text / plain', 'text/plain', {}],
  ['multipart/mixed; boundary="a b"; ;', 'multipart/mixed', { boundary: 'a b' }],
  ['; a=b', '', { a: 'b' }],
  // RFC 2231 §3, §4, §4.1
  [
    'message/external-body; URL*0="ftp://"; URL*1="cs.utk.edu/pub"',
    'message/external-body',
    { url: 'ftp://cs.utk.edu/pub' },
  ],
  [
    "application/x-stuff; title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A",
    'application/x-stuff',
    { title: 'This is ***fun***' },
  ],
  [
    "application/x-stuff; title*0*=us-ascii'en'This%20is%20even%20more%20; title*1*=%2A%2A%2Afun%2A%2A%2A%20; title*2=\"isn't it!\"",
    'application/x-stuff',
    { title: "This is even more ***fun*** isn't it!" },
  ],
  ['x; a*1=two; a*0=one', 'x', { a: 'onetwo' }],
  ["x; name=plain; name*=utf-8''%e2%82%ac", 'x', { name: '€' }],
  ["x; name*=utf-8''%e2%82%ac%zz", 'x', { name: '€%zz' }],
  // RFC 2047 §5 forbids it, Outlook sends it
  ['x; name="=?utf-8?Q?gr=C3=BCn?=.pdf"', 'x', { name: 'grün.pdf' }],
  ['x; name=grün.pdf', 'x', { name: 'grün.pdf' }],
  ['', '', {}],
])('%j', (raw, value, parameters) => {
  const parsed = parseParameters(raw)
  expect({ value: parsed.value, parameters: Object.fromEntries(parsed.parameters) }).toEqual({
    value,
    parameters,
  })
})
