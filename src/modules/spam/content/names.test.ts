import { expect, test } from 'vitest'
import { indexMessage } from '../../../lib/mime/indexer.ts'
import { collectEvidence } from '../rules/evidence.ts'
import { readContent } from './message-content.ts'
import { namesInside } from './names.ts'

function names(header: string, body: string) {
  const octets = Buffer.from(`${header}\r\n\r\n${body}\r\n`)
  return namesInside(collectEvidence(readContent(octets, indexMessage(octets))))
}

test.each<[string, string[]]>([
  ['http://www.pills.shop/a https://PILLS.shop/b', ['pills.shop']],
  ['http://a.b.co.uk/', ['b.co.uk']],
  ['http://203.0.113.9/pay', ['203.0.113.9']],
  ['http://192.168.1.1/admin http://10.0.0.1/', []],
  ['http://fritz.local/ http://intranet/ http://a.test/ http://nas.home.arpa/', []],
  ['https://www.google.com/ https://www.w3.org/1999/xhtml', []],
  ['http://bücher.shop/', ['xn--bcher-kva.shop']],
])('of %s lists are asked about %j', (text, hosts) => {
  expect(names('Content-Type: text/plain; charset=utf-8', text).hosts).toEqual(hosts)
})

test('people and the way it came are asked about, what is local not', () => {
  const header = [
    'Received: from a (a.shop [203.0.113.5]) by b.shop; Mon, 1 Jan 2026 10:00:00 +0000',
    'Received: from c ([192.168.1.7]) by a.shop with [198.51.100.1]; Mon, 1 Jan 2026 10:00:00 +0000',
    'Received: from d ([IPv6:2001:db9::5]) by c; Mon, 1 Jan 2026 10:00:00 +0000',
    'From: Ann <ann@mail.shop>',
    'Reply-To: Rich@Bank.shop',
  ].join('\r\n')
  expect(names(header, 'write to lawyer@far.shop or me@home.test')).toEqual({
    hosts: ['mail.shop', 'bank.shop'],
    linked: [],
    mailboxes: ['rich@bank.shop', 'lawyer@far.shop'],
    hops: ['203.0.113.5', '2001:db9::5'],
  })
})

test.each<[string, string[]]>([
  ['a.b+c-d_E@x.shop@y.shop', ['a.b+c-d_e@x.shop']],
  ['@far.shop me@ @@ you@far you@far.s you@-a.shop', ['you@-a.shop']],
  [`${'x'.repeat(70)}@far.shop`, [`${'x'.repeat(64)}@far.shop`]],
  ['one@a.shop.two@b.shop', ['one@a.shop.two']],
  ['one@a.shoptwo@b.shop', ['one@a.shoptwo']],
  ['ümlaut@far.shop', ['mlaut@far.shop']],
])('in %s lists are asked about the mailboxes %j', (text, mailboxes) => {
  expect(names('Content-Type: text/plain; charset=utf-8', text).mailboxes).toEqual(mailboxes)
})
