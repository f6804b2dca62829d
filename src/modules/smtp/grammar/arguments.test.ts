import { expect, test } from 'vitest'
import { BadSyntax } from '../../../lib/bad-syntax.ts'
import { Scanner } from '../../../lib/scanner.ts'
import { authArguments, chunkArguments, helloName, mailArguments, rcptArguments } from './arguments.ts'

const mail = (text: string) => mailArguments(new Scanner(text))
const rcpt = (text: string) => rcptArguments(new Scanner(text))

test.each([
  [' FROM:<a@b.test>', 'a@b.test'],
  [' from:<a@b.test>', 'a@b.test'],
  [' FROM: <a@b.test>', 'a@b.test'],
  [' FROM : <a@b.test> ', 'a@b.test'],
  ['\tFROM:\t<a@b.test>', 'a@b.test'],
  [' FROM:a@b.test', 'a@b.test'],
  [' FROM:<@x.test:a@b.test>', 'a@b.test'],
  [' FROM:<@x.test,@y.test:a@b.test>', 'a@b.test'],
  [' FROM:<"a b"@b.test>', '"a b"@b.test'],
  [' FROM:<"a>b"@b.test>', '"a>b"@b.test'],
  [String.raw` FROM:<"a\"b"@b.test>`, String.raw`"a\"b"@b.test`],
  [' FROM:<"plain"@b.test>', 'plain@b.test'],
])('MAIL%s comes from %s', (text, address) => {
  expect(mail(text).path).toMatchObject({ kind: 'address', address, utf8: false })
})

test.each([
  [' FROM:<>', 'null'],
  [' FROM: <>', 'null'],
  [' FROM:<Postmaster>', 'postmaster'],
  [' FROM:<ann>', 'unusable'],
  [' FROM:<ann@>', 'unusable'],
  [' FROM:<@b.test>', 'unusable'],
  [' FROM:<a@b@c.test>', 'unusable'],
  [' FROM:<a b@c.test>', 'unusable'],
  [' FROM:< a@c.test>', 'unusable'],
  [' FROM:<a@[192.0.2.1]>', 'unusable'],
  [` FROM:<${'a'.repeat(600)}@c.test>`, 'unusable'],
])('MAIL%s has a path that is %s', (text, kind) => {
  expect(mail(text).path.kind).toBe(kind)
})

test('MAIL tells of every parameter', () => {
  const { path, parameters } = mail(
    ' FROM:<jörg@b.test> SIZE=1000 BODY=8bitmime SMTPUTF8 REQUIRETLS AUTH=ann+40b.test RET=HDRS ENVID=a+2Bb',
  )
  expect(path).toMatchObject({ kind: 'address', utf8: true })
  expect(parameters).toEqual({
    used: ['SIZE', 'BODY', 'SMTPUTF8', 'REQUIRETLS', 'AUTH', 'RET', 'ENVID'],
    size: 1000,
    body: '8BITMIME',
    smtpUtf8: true,
    requireTls: true,
    returnContent: 'headers',
    envelopeId: 'a+b',
  })
})

test.each([
  [' TO:<a@b.test> NOTIFY=NEVER', ['never'], undefined],
  [' TO:<a@b.test> NOTIFY=success,FAILURE', ['success', 'failure'], undefined],
  [' TO:<a@b.test> ORCPT=rfc822;Ann+40b.test', undefined, 'rfc822;Ann@b.test'],
  [String.raw` TO:<a@b.test> ORCPT=utf-8;j\x{F6}rg@b.test`, undefined, 'utf-8;jörg@b.test'],
  [' TO:<a@b.test> ORCPT=utf-8;jörg@b.test', undefined, 'utf-8;jörg@b.test'],
])('RCPT%s notifies of %j, was %s', (text, notify, originalRecipient) => {
  expect(rcpt(text).parameters).toMatchObject({ notify, originalRecipient })
})

test.each([
  '',
  ' <a@b.test>',
  ' FROM',
  ' FROM:',
  ' FROM:<a@b.test',
  ' FROM:<a@b.test>SIZE',
  ' FROM:<a@b.test> SIZE',
  ' FROM:<a@b.test> SIZE=',
  ' FROM:<a@b.test> SIZE=-1',
  ' FROM:<a@b.test> SIZE=123456789012345678901',
  ' FROM:<a@b.test> SIZE=1 size=1',
  ' FROM:<a@b.test> BODY=7',
  ' FROM:<a@b.test> SMTPUTF8=1',
  ' FROM:<a@b.test> RET=ALL',
  ' FROM:<a@b.test> ENVID=a+zz',
  ' FROM:<a@b.test> ENVID=a+0Ab',
  ` FROM:<a@b.test> ENVID=${'a'.repeat(101)}`,
  ' FROM:<a@b.test> AUTH=a=b',
  ' FROM:<a@b.test> =x',
  ' FROM:<a@b.test> A=b=c',
  ` FROM:<a@b.test>${Array.from({ length: 21 }, (_, number) => ` X${number}`).join('')}`,
])('MAIL%s is no MAIL', (text) => {
  expect(() => mail(text)).toThrow(BadSyntax)
})

test.each([
  ' TO:<a@b.test> NOTIFY=NEVER,SUCCESS',
  ' TO:<a@b.test> NOTIFY=',
  ' TO:<a@b.test> NOTIFY=sometimes',
  ' TO:<a@b.test> ORCPT=ann@b.test',
  ' TO:<a@b.test> ORCPT=rfc822;a+0D+0Ab',
  String.raw` TO:<a@b.test> ORCPT=utf-8;a\x{110000}`,
  String.raw` TO:<a@b.test> ORCPT=utf-8;a\x{0A}`,
])('RCPT%s is no RCPT', (text) => {
  expect(() => rcpt(text)).toThrow(BadSyntax)
})

test.each([
  [' client.example', 'client.example'],
  [' [192.0.2.1]', '[192.0.2.1]'],
  [' [IPv6:2001:db8::1]', '[IPv6:2001:db8::1]'],
  [' my_old-PC ', 'my_old-PC'],
  [' bücher.example', 'bücher.example'],
])('EHLO%s is %s', (text, name) => {
  expect(helloName(new Scanner(text))).toBe(name)
})

test.each(['', ' ', ' two words', ' <script>', ' a(b)', ' [192.0.2.1', ` ${'a'.repeat(256)}`])(
  'EHLO%s is no name',
  (text) => {
    expect(() => helloName(new Scanner(text))).toThrow(BadSyntax)
  },
)

test.each([
  [' 0 LAST', { octets: 0, last: true }],
  [' 1000', { octets: 1000, last: false }],
  [' 10 last ', { octets: 10, last: true }],
])('BDAT%s is %j', (text, expected) => {
  expect(chunkArguments(new Scanner(text))).toEqual(expected)
})

test.each(['', ' ten', ' -1', ' 1.5', ' 10LAST', ' 10 FIRST', ' 10 LAST 1', ' 0x10'])(
  'BDAT%s is no BDAT',
  (text) => {
    expect(() => chunkArguments(new Scanner(text))).toThrow(BadSyntax)
  },
)

test.each([
  [' plain', { mechanism: 'PLAIN', initial: undefined }],
  [' LOGIN YQ==', { mechanism: 'LOGIN', initial: 'YQ==' }],
  [' PLAIN =', { mechanism: 'PLAIN', initial: '' }],
])('AUTH%s is %j', (text, expected) => {
  expect(authArguments(new Scanner(text))).toEqual(expected)
})
