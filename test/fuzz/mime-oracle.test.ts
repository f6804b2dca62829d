import fc from 'fast-check'
import { type AddressObject, type EmailAddress, type ParsedMail, simpleParser } from 'mailparser'
import MailComposer from 'nodemailer/lib/mail-composer'
import { expect, test } from 'vitest'
import { indexMessage } from '../../src/lib/mime/indexer.ts'
import type { MessageIndex, MessagePart } from '../../src/lib/mime/message-index.ts'

/** What two other programs make of a message: nodemailer writes it, mailparser reads it. */

const word = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .map((text) => text.replace(/[\s\p{C}]/gu, '') || 'x')
const words = fc.array(word, { minLength: 1, maxLength: 8 }).map((all) => all.join(' '))
const domain = fc.constantFrom('example.com', 'mail.test', 'sub.domain.example')
const address = fc.record({
  name: fc.oneof(
    fc.constant(''),
    fc.constantFrom('Doe, John', 'A "B" C', 'Jürgen Groß', '日本 太郎', 'x@y'),
    words,
  ),
  address: fc
    .tuple(fc.stringMatching(/^[a-z0-9]{1,10}(?:\.[a-z0-9]{1,5})?$/), domain)
    .map(([local, host]) => `${local}@${host}`),
})
const attachment = fc.record({
  filename: fc.oneof(
    fc.constantFrom('a.pdf', 'Größe der Dinge.txt', '日本語のファイル名がとても長いです.docx', 'a;b "c".bin'),
    fc.constant('x'.repeat(120)),
  ),
  content: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  contentType: fc.constantFrom('application/pdf', 'image/png', 'text/csv'),
})
const mail = fc.record({
  from: address,
  to: fc.array(address, { maxLength: 5 }),
  cc: fc.array(address, { maxLength: 3 }),
  subject: words,
  text: words,
  html: fc.option(
    words.map((text) => `<p>${text.replaceAll('<', '')}</p>`),
    { nil: undefined },
  ),
  attachments: fc.array(attachment, { maxLength: 4 }),
  date: fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => new Date(seconds * 1000)),
})

test('reads what nodemailer writes as mailparser does', async () => {
  await fc.assert(
    fc.asyncProperty(mail, async (written) => {
      const bytes = await new MailComposer(written).compile().build()
      const read = await simpleParser(bytes, { skipHtmlToText: true, skipTextToHtml: true })
      expect(summaryOf(indexMessage(bytes))).toEqual(summaryOfParsed(read))
    }),
  )
}, 60_000)

function summaryOf(index: MessageIndex) {
  const files = index.parts.filter((part) => part.disposition === 'attachment')
  return {
    subject: spaced(index.subject),
    from: spaced(index.fromText),
    to: spaced(index.toText),
    cc: spaced(index.ccText),
    sentAt: index.sentAt,
    messageId: index.messageId,
    attachments: files.map((part) => [part.type, part.name, part.encoding !== '']),
    texts: index.parts.filter(isBodyText).map(({ type }) => type),
  }
}

function isBodyText({ type, disposition }: MessagePart): boolean {
  return disposition !== 'attachment' && (type === 'text/plain' || type === 'text/html')
}

function summaryOfParsed(parsed: ParsedMail) {
  const texts = [
    parsed.text === undefined ? undefined : 'text/plain',
    parsed.html === false ? undefined : 'text/html',
  ]
  return {
    subject: spaced(parsed.subject ?? ''),
    from: peopleText(parsed.from),
    to: peopleText(parsed.to),
    cc: peopleText(parsed.cc),
    sentAt: parsed.date?.getTime(),
    messageId: parsed.messageId?.slice(1, -1),
    attachments: parsed.attachments.map(({ contentType, filename }) => [contentType, filename, true]),
    texts: texts.filter((type) => type !== undefined),
  }
}

function peopleText(people: AddressObject | AddressObject[] | undefined): string {
  const lists = people === undefined ? [] : [people].flat()
  return spaced(lists.flatMap(({ value }) => value.map(personText)).join(', '))
}

function personText({ name, address: mailbox = '' }: EmailAddress): string {
  return name === '' ? mailbox : `${name} <${mailbox}>`
}

const spaced = (text: string) => text.replace(/\s+/g, ' ').trim()
