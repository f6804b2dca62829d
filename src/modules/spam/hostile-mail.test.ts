import { expect, test } from 'vitest'
import { cpuMs } from '../../../test/support/cpu-time.ts'
import { indexMessage } from '../../lib/mime/indexer.ts'
import { readContent } from './content/message-content.ts'
import { tokensOf } from './learn/tokens.ts'
import { collectEvidence } from './rules/evidence.ts'
import { contentRules } from './rules/rules.ts'

const size = 256 * 1024
const much = (text: string): string => text.repeat(size / text.length)
const people = 'From: Ann <ann@home.test>\r\nTo: Bob <bob@far.test>\r\n'
const plain = (body: string) => `${people}Content-Type: text/plain; charset=utf-8\r\n\r\n${body}\r\n`
const html = (body: string) => `${people}Content-Type: text/html; charset=utf-8\r\n\r\n${body}\r\n`
const field = (line: string) => `${line}\r\n\r\nhello\r\n`

// What grows with the square of its length takes minutes here; what is linear some milliseconds.
test.each<[string, string]>([
  ['a style with very many blanks', html(`<p style="font-size:${much(' ')}x">a`)],
  ['pictures with queries of question marks', html(much(`<img src="${'?'.repeat(2000)}/">`))],
  ['elements without end', html(much('<div>'))],
  ['elements closed that were never opened', html(much('<div></p>'))],
  ['one tag with very many attributes', html(`<p ${much('a=b ')}>`)],
  ['a link labelled with very many dots', html(`<a href="http://a.test/">${much('a.')}!</a>`)],
  ['links of dots', plain(much(`http://${'.'.repeat(1990)}x `))],
  ['a word with very many marks', plain(`a${much('_')}b`)],
  ['letters of two alphabets', plain(much('aа'))],
  ['a very long name without an @', field(`From: ${much('a')} <x@y.test>`)],
  ['a domain of very many labels', field(`From: <x@${much('a.')}y>`)],
  [
    'very many authors, who want answers elsewhere',
    field(`From: ${much('a@b.c,')}\r\nReply-To: ${much('x@y.z,')}`),
  ],
  [
    'a very long recipient',
    field(`${people}To: ${much('a')}@b.test`.replace('To: Bob <bob@far.test>\r\n', '')),
  ],
  ['a Message-ID of @', field(`${people}Message-ID: ${much('@')} x`)],
  ['very many Message-IDs', field(`${people}${much(`Message-ID: ${'@'.repeat(900)} x.\r\n`).trimEnd()}`)],
  ['a subject with very many blanks', field(`${people}Subject: a${much('      b')}c d`)],
  [
    'very many parts',
    `${people}Content-Type: multipart/mixed; boundary=b\r\n\r\n${much('--b\r\n\r\nx\r\n')}`,
  ],
])('%s cannot make the filter busy, nor make it give up', (_, text) => {
  const octets = Buffer.from(text)
  const index = indexMessage(octets)
  const took = cpuMs(() => {
    const content = readContent(octets, index)
    const evidence = collectEvidence(content)
    const held = contentRules.filter((rule) => rule.test(evidence)).map(({ symbol }) => symbol)
    tokensOf(content, held)
  })
  expect(took).toBeLessThan(1000)
})
