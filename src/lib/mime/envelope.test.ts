import { expect, test } from 'vitest'
import { indexMessage } from './indexer.ts'

const envelope = (header: string) => indexMessage(Buffer.from(`${header}\r\n\r\n`)).envelope

test('is that of RFC 9051 §8 for its message', () => {
  const header = [
    'Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)',
    'From: Terry Gray <gray@cac.washington.edu>',
    'Subject: IMAP4rev2 WG mtg summary and minutes',
    'To: imap@cac.washington.edu',
    'cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>',
    'Message-Id: <B27397-0100000@cac.washington.edu>',
    'MIME-Version: 1.0',
    'Content-Type: TEXT/PLAIN; CHARSET=US-ASCII',
  ].join('\r\n')
  const gray = '(("Terry Gray" NIL "gray" "cac.washington.edu"))'
  expect(envelope(header)).toBe(
    `("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev2 WG mtg summary and minutes" ${gray} ${gray} ${gray} ((NIL NIL "imap" "cac.washington.edu")) ((NIL NIL "minutes" "CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU")) NIL NIL "<B27397-0100000@cac.washington.edu>")`,
  )
})

const to = (field: string) =>
  envelope(`To: ${field}`).slice('(NIL NIL NIL NIL NIL '.length, -' NIL NIL NIL NIL)'.length)
const subject = (field: string) =>
  envelope(`Subject:${field}`).slice('(NIL '.length, -' NIL NIL NIL NIL NIL NIL NIL NIL)'.length)

test('what is missing is NIL, what is empty is empty', () => {
  expect(envelope('X: y')).toBe('(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)')
  expect(subject('')).toBe('""')
  expect(to('')).toBe('NIL')
})

test('an empty Sender and a missing Reply-To are From', () => {
  const from = '((NIL NIL "a" "b"))'
  expect(envelope('From: a@b\r\nSender:')).toBe(`(NIL NIL ${from} ${from} ${from} NIL NIL NIL NIL NIL)`)
})

test.each([
  ['A <a@b>', '(("A" NIL "a" "b"))'],
  ['"q \\" b \\\\" <a@b>', '(("q \\" b \\\\" NIL "a" "b"))'],
  ['G: a@b, C <c@d>;', '((NIL NIL "G" NIL)(NIL NIL "a" "b")("C" NIL "c" "d")(NIL NIL NIL NIL))'],
  ['undisclosed-recipients:;', '((NIL NIL "undisclosed-recipients" NIL)(NIL NIL NIL NIL))'],
  ['<@x,@y:a@b>', '((NIL "@x,@y" "a" "b"))'],
  ['"a b"@c', '((NIL NIL "a b" "c"))'],
  ['postmaster', '((NIL NIL "postmaster" ""))'],
  ['=?utf-8?Q?=C3=A4?= <a@b>', '(("=?utf-8?Q?=C3=A4?=" NIL "a" "b"))'],
  ['ä <ä@b>', '(("=?utf-8?B?w6Q=?=" NIL "=?utf-8?B?w6Q=?=" "b"))'],
  ['a@bücher.example', '((NIL NIL "a" "xn--bcher-kva.example"))'],
])('To: %s is %s', (field, wire) => {
  expect(to(field)).toBe(wire)
})

test.each([
  [' folded\r\n\tsubject', '"folded\tsubject"'],
  [' a\0b\rc', '"ab c"'],
  [' say "hi" \\o/', '"say \\"hi\\" \\\\o/"'],
  [' grün', '"=?utf-8?B?Z3LDvG4=?="'],
  [' =?utf-8?Q?gr=C3=BCn?=', '"=?utf-8?Q?gr=C3=BCn?="'],
])('Subject:%j is %j', (field, wire) => {
  expect(subject(field)).toBe(wire)
})
