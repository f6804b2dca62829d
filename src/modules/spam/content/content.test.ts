import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cpuMs } from '../../../../test/support/cpu-time.ts'
import { indexMessage } from '../../../lib/mime/indexer.ts'
import { readHtml } from './html.ts'
import { linksInText, readLink } from './links.ts'
import { readContent } from './message-content.ts'

test.each([
  ['<p>one<b>two</b></p>three', 'onetwo three'],
  ['a<!-- hidden -->b', 'ab'],
  ['<style>p { color: red }</style>seen<script>x < y</script>', 'seen'],
  ['<div title="a > b">c</div>', 'c'],
  ['5 &lt; 6 &amp; 7&#33;', '5 < 6 & 7!'],
  ['<br>unclosed <i>tags <table><tr><td>end', 'unclosed tags end'],
  ['1 < 2', '1 < 2'],
])('a person reads of %s: %s', (source, text) => {
  expect(readHtml(source).text.replace(/\s+/g, ' ').trim()).toBe(text)
})

test.each([
  '<div style="display: none">x</div>',
  '<span style="font-size:0px;color:red">x</span>',
  '<p style="visibility:hidden"><b>x</b></p>',
  '<td hidden="hidden">x</td>',
  '<div style="max-height:0">x</div>',
  '<p style="opacity:0">x</p>',
])('nobody sees what is inside %s', (source) => {
  const { text, hiddenText } = readHtml(`before ${source} after`)
  expect([text.replace(/\s+/g, ' ').trim(), hiddenText]).toEqual(['before after', 'x'])
})

test('a link comes with what a person reads there', () => {
  const { links } = readHtml(
    '<a href="http://a.test/?x=1&amp;y=2">click <b>here</b></a> <a href=http://b.test>',
  )
  expect(links).toEqual([
    { href: 'http://a.test/?x=1&y=2', label: 'click here' },
    { href: 'http://b.test', label: '' },
  ])
})

test.each([
  ['http://Example.TEST/Path?q', { scheme: 'http', host: 'example.test', path: '/Path?q' }],
  ['https://user:pw@host.test:8443/', { scheme: 'https', host: 'host.test', hasUser: true, port: '8443' }],
  ['http://xn--e1afmkfd.test/', { host: 'пример.test' }],
  ['http://%65vil.test/', { host: 'evil.test' }],
  ['ht\ttp://a.test/', { host: 'a.test' }],
  ['http:\\\\a.test', { scheme: 'http' }],
  ['mailto:ann@home.test?subject=x', { scheme: 'mailto', host: 'home.test' }],
])('%s is read as a browser reads it', (href, expected) => {
  expect(readLink(href, undefined)).toMatchObject(expected)
})

test.each(['javascript:alert(1)', '#top', 'page.html', '', 'http'])('%s leads nowhere', (href) => {
  expect(readLink(href, undefined)).toBeUndefined()
})

test('links in plain text end where the sentence does', () => {
  const found = linksInText('See http://a.test/x, (https://b.test/y) or www.c.test. And <http://d.test>!')
  expect(found.map(({ host, path }) => host + path)).toEqual(['a.test/x', 'b.test/y', 'www.c.test', 'd.test'])
})

test('whatever the octets are, reading them ends, and takes time in proportion', () => {
  const soup = fc.array(
    fc.constantFrom(
      '<',
      '>',
      '"',
      "'",
      '=',
      '<a href=',
      '<!--',
      '-->',
      '</',
      'style="display:none"',
      '&#',
      '<script',
      ' x ',
      '\u0000',
    ),
    { maxLength: 400 },
  )
  fc.assert(
    fc.property(soup, (pieces) => {
      const octets = Buffer.from(`Content-Type: text/html\r\n\r\n${pieces.join('')}`)
      const { texts } = readContent(octets, indexMessage(octets))
      expect(texts.length).toBe(1)
    }),
  )
})

test.each([
  '<'.repeat(300_000),
  '<a href="'.repeat(60_000),
  '<div style="'.repeat(60_000),
  '<!--'.repeat(100_000),
  '&'.repeat(300_000),
  '<b>'.repeat(200_000),
])('evil HTML (%#) costs no more than its length', (source) => {
  // A quadratic reader takes minutes.
  expect(cpuMs(() => readHtml(source))).toBeLessThan(5000)
})
