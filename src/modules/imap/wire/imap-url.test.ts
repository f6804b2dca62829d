import { expect, test } from 'vitest'
import { parseImapUrl } from './imap-url.ts'

test.each([
  ['/INBOX/;UID=20', { mailbox: 'INBOX', uid: 20 }],
  [
    '/inbox;UIDVALIDITY=785799047/;UID=1/;SECTION=1.5.9',
    { mailbox: 'INBOX', uidValidity: 785_799_047, uid: 1 },
  ],
  [';UID=7', { mailbox: undefined, uid: 7 }],
  ['/A%2FB/c%20%C3%A4/;uid=3', { mailbox: 'A/B/c ä', uid: 3 }],
  ['imap://mail.home.test/INBOX/;UID=2', { host: 'mail.home.test', user: undefined, mailbox: 'INBOX' }],
  [
    'IMAP://ann%40home.test;AUTH=PLAIN@Mail.Home.Test:993/INBOX/;UID=2',
    { host: 'mail.home.test', user: 'ann@home.test' },
  ],
])('%s is understood', (text, expected) => {
  expect(parseImapUrl(text)).toMatchObject(expected)
})

test.each([
  ['/a/;UID=1', { part: '', text: 'body', partial: undefined }],
  ['/a/;UID=1/;SECTION=TEXT', { part: '', text: 'text' }],
  [
    '/a/;UID=1/;SECTION=1.2.MIME/;PARTIAL=3.4',
    { part: '1.2', text: 'mime', partial: { from: 3, octets: 4 } },
  ],
  ['/a/;UID=1/;PARTIAL=3', { partial: { from: 3, octets: Number.MAX_SAFE_INTEGER } }],
  ['/a/;UID=1/;SECTION=HEADER.FIELDS%20(TO)', { text: 'header', fields: { keep: true, names: ['to'] } }],
])('%s names a part as FETCH does', (text, section) => {
  expect(parseImapUrl(text)?.section).toMatchObject(section)
})

test.each([
  '',
  '/',
  '/INBOX',
  '/INBOX;UID=1',
  '/INBOX/;UID=0',
  '/INBOX/;UID=1/',
  '/INBOX/;UID=99999999999',
  '/INBOX/;UID=1/;SECTION=',
  '/INBOX/;UID=1/;SECTION=1%5D%20BODY%5B2',
  '/INBOX/;UID=1/;SECTION=NOTHING',
  '/INBOX/;UID=1/;PARTIAL=',
  '/%ff/;UID=1',
  '/%/;UID=1',
  '//INBOX/;UID=1x',
  'http://mail.home.test/INBOX/;UID=1',
  'imap://mail.home.test/;UID=1?SUBJECT',
])('%s is not', (text) => {
  expect(parseImapUrl(text)).toBeUndefined()
})
