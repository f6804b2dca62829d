import { expect, test } from 'vitest'
import { indexMessage } from './indexer.ts'
import { findPart, packParts, type SectionText, sectionRange, unpackParts } from './sections.ts'

const joined = (...lines: string[]) => lines.join('\r\n')
const part = (boundary: string, type: string, body: string) =>
  joined(`--${boundary}`, `Content-Type: ${type}`, '', body, '')

/** The message whose sections RFC 9051 §6.4.5.1 lists. */
const example = (() => {
  const third = joined(
    'Subject: three',
    'Content-Type: multipart/mixed; boundary=c',
    '',
    `${part('c', 'text/plain', '3.1')}${part('c', 'application/octet-stream', '3.2')}--c--`,
  )
  const alternative = `${part('e', 'text/plain', '4.2.2.1')}${part('e', 'text/richtext', '4.2.2.2')}--e--`
  const inner = joined(
    'Subject: four',
    'Content-Type: multipart/mixed; boundary=d',
    '',
    `${part('d', 'text/plain', '4.2.1')}${part('d', 'multipart/alternative; boundary=e', alternative)}--d--`,
  )
  const fourth = `${part('b', 'image/gif', '4.1')}${part('b', 'message/rfc822', inner)}--b--`
  return joined(
    'Subject: all',
    'Content-Type: multipart/mixed; boundary=a',
    '',
    `${part('a', 'text/plain', '1')}${part('a', 'application/octet-stream', '2')}${part('a', 'message/rfc822', third)}${part('a', 'multipart/mixed; boundary=b', fourth)}--a--`,
    '',
  )
})()

const { parts } = indexMessage(Buffer.from(example))
const single = 'Subject: x\r\n\r\nbody\r\n'

function read(message: string, number: string, text: SectionText): string | undefined {
  const range = sectionRange(indexMessage(Buffer.from(message)).parts, number, text)
  return range === undefined ? undefined : message.slice(range.start, range.end)
}

test('every entity has the number that RFC 9051 gives it', () => {
  expect(parts.map(({ section, type }) => `${section} ${type}`)).toEqual([
    'TEXT multipart/mixed',
    '1 text/plain',
    '2 application/octet-stream',
    '3 message/rfc822',
    '3.TEXT multipart/mixed',
    '3.1 text/plain',
    '3.2 application/octet-stream',
    '4 multipart/mixed',
    '4.1 image/gif',
    '4.2 message/rfc822',
    '4.2.TEXT multipart/mixed',
    '4.2.1 text/plain',
    '4.2.2 multipart/alternative',
    '4.2.2.1 text/plain',
    '4.2.2.2 text/richtext',
  ])
})

test.each(['1', '2', '3.1', '3.2', '4.1', '4.2.1', '4.2.2.1', '4.2.2.2'])(
  'BODY[%s] is that part',
  (number) => {
    expect(read(example, number, 'body')).toBe(number)
  },
)

test.each<[string, SectionText, string]>([
  ['', 'header', 'Subject: all\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n'],
  ['3', 'header', 'Subject: three\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n'],
  ['4.2', 'header', 'Subject: four\r\nContent-Type: multipart/mixed; boundary=d\r\n\r\n'],
  ['4.1', 'mime', 'Content-Type: image/gif\r\n\r\n'],
  ['3', 'mime', 'Content-Type: message/rfc822\r\n\r\n'],
  [
    '3',
    'text',
    '--c\r\nContent-Type: text/plain\r\n\r\n3.1\r\n--c\r\nContent-Type: application/octet-stream\r\n\r\n3.2\r\n--c--',
  ],
])('BODY[%s] %s', (number, text, octets) => {
  expect(read(example, number, text)).toBe(octets)
})

test.each<[string, SectionText]>([
  ['5', 'body'],
  ['1.1', 'body'],
  ['3.3', 'body'],
  ['1', 'header'],
  ['4', 'text'],
  ['', 'mime'],
])('there is no BODY[%s] %s', (number, text) => {
  expect(read(example, number, text)).toBeUndefined()
})

test.each<[string, SectionText, string | undefined]>([
  ['', 'body', single],
  ['', 'header', 'Subject: x\r\n\r\n'],
  ['', 'text', 'body\r\n'],
  ['1', 'body', 'body\r\n'],
  ['1', 'mime', 'Subject: x\r\n\r\n'],
  ['1.1', 'body', undefined],
  ['2', 'body', undefined],
])('of a message with one part, BODY[%s] %s is %j', (number, text, octets) => {
  expect(read(single, number, text)).toBe(octets)
})

test('a message inside a message has its body as part 1', () => {
  const message = `Content-Type: message/rfc822\r\n\r\n${single}`
  expect(read(message, '1.1', 'body')).toBe('body\r\n')
  expect(read(message, '1', 'header')).toBe('Subject: x\r\n\r\n')
  expect(read(message, '1', 'body')).toBe(single)
})

test('parts are found by their number', () => {
  expect(findPart(parts, '4.2.1')?.type).toBe('text/plain')
  expect(findPart(parts, '9')).toBeUndefined()
})

test('parts come out of the store as they went in', () => {
  const named =
    'Content-Type: image/png\r\nContent-ID: <a@b>\r\nContent-Disposition: inline; filename=ä.png\r\n\r\n'
  for (const message of [example, single, '', named]) {
    const all = indexMessage(Buffer.from(message)).parts
    expect(unpackParts(packParts(all))).toEqual(all)
  }
  expect(packParts(indexMessage(Buffer.from(single)).parts)).toBe('[[-1,0,14,20,1,"text/plain","7bit"]]')
})
