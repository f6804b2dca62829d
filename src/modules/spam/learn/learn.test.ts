import fc from 'fast-check'
import { expect, test } from 'vitest'
import { indexMessage } from '../../../lib/mime/indexer.ts'
import { readContent } from '../content/message-content.ts'
import { learn, spamScore, unlearn } from './classifier.ts'
import { type MailClass, TokenCounts } from './token-counts.ts'
import { type Tokens, tokensOf } from './tokens.ts'

function tokens(subject: string, body: string): Tokens {
  const octets = Buffer.from(
    `From: Ann <ann@home.test>\r\nSubject: ${subject}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${body}\r\n`,
  )
  return tokensOf(readContent(octets, indexMessage(octets)), [])
}

const ham = [
  'lunch on friday near the station',
  'the train leaves at noon on friday',
  'notes of the meeting',
  'photos of the garden',
]
const spam = [
  'cheap pills without prescription',
  'win a million now',
  'cheap watches and pills',
  'you win the lottery now',
]

function taught(): TokenCounts {
  const counts = new TokenCounts()
  for (const text of ham) learn(tokens('news', text), 'ham', counts)
  for (const text of spam) learn(tokens('offer', text), 'spam', counts)
  return counts
}

test('who has learned nothing is undecided', () => {
  expect(spamScore(tokens('offer', 'cheap pills'), new TokenCounts())).toBe(0)
})

test('what looks like spam scores above 0, what looks like ham below', () => {
  const counts = taught()
  expect(spamScore(tokens('offer', 'win cheap pills now'), counts)).toBeGreaterThan(1)
  expect(spamScore(tokens('news', 'the garden near the station on friday'), counts)).toBeLessThan(-1)
})

test('a message that is well known teaches nothing more', () => {
  const counts = new TokenCounts()
  const letter = tokens('news', ham.join(' '))
  for (let round = 0; round < 20; round++) {
    learn(letter, 'ham', counts)
    learn(tokens('offer', spam.join(' ')), 'spam', counts)
  }
  expect(counts.messages.ham).toBeLessThan(20)
  expect(learn(letter, 'ham', counts)).toBe(false)
})

test('what was learned is taken back without a trace', () => {
  const counts = taught()
  const asked = ['win cheap pills now', 'lunch in the garden', 'notes'].map((text) => tokens('x', text))
  const before = asked.map((one) => spamScore(one, counts))
  const extra = tokens('offer', 'a completely new kind of offer for pills')
  expect(learn(extra, 'spam', counts)).toBe(true)
  expect(asked.map((one) => spamScore(one, counts))).not.toEqual(before)
  unlearn(extra, 'spam', counts)
  expect(asked.map((one) => spamScore(one, counts))).toEqual(before)
})

test('a word in the subject is another token than in the text', () => {
  const [one, other] = [tokens('pills', 'hello'), tokens('hello', 'pills')]
  expect(one.single).not.toEqual(other.single)
})

test('numbers count by their shape, so that two invoices are alike', () => {
  expect(tokens('x', 'invoice 4711 of 12.03')).toEqual(tokens('x', 'invoice 8154 of 31.08'))
})

test('counting agrees with a plain map, whatever comes and goes', () => {
  const message = fc.record({
    words: fc.uniqueArray(fc.integer({ min: 1, max: 80 })),
    as: fc.constantFrom<MailClass>('ham', 'spam'),
  })
  fc.assert(
    fc.property(fc.array(message, { maxLength: 200 }), (messages) => {
      const counts = new TokenCounts()
      const add = (by: 1 | -1) => {
        for (const { words, as } of messages) counts.add(words, as, by)
      }
      const known = () => everyWord.filter((word) => counts.probability(word, 0.1) !== undefined)
      add(1)
      const seen = new Set(messages.flatMap(({ words }) => words))
      expect(known()).toEqual(everyWord.filter((word) => seen.has(word)))
      add(-1)
      expect(counts.messages).toEqual({ ham: 0, spam: 0 })
      expect(known()).toEqual([])
    }),
  )
})

const everyWord = Array.from({ length: 80 }, (_, at) => at + 1)

test('a message is the same after servers have put their fields in front, however many', () => {
  const of = (front: string) => {
    const octets = Buffer.from(
      `${front}From: Ann <ann@home.test>\r\nSubject: lunch\r\nMessage-ID: <1@home.test>\r\n\r\nsee you\r\n`,
    )
    return tokensOf(readContent(octets, indexMessage(octets)), [])
  }
  const trace = [
    'Return-Path: <ann@home.test>',
    'X-Spamd-Bar: ++',
    'X-Spam: Yes',
    'ARC-Seal: i=1; a=rsa-sha256',
    'Authentication-Results: mail.home.test; spf=pass',
    ...Array.from({ length: 250 }, () => 'Received: from x by y; Thu, 15 Jan 2026 11:59:00 +0000'),
    'DKIM-Signature: v=1; d=home.test',
  ]
  expect(of(`${trace.join('\r\n')}\r\n`)).toEqual(of(''))
})
