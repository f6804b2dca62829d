import { findKind, kind, kindAt, widthOf } from '../content/letters.ts'
import { NumberSet } from '../learn/number-set.ts'
import type { Evidence } from './evidence.ts'
import type { Rule } from './rule.ts'

/** The subject and what a person reads. */
export const textRules: readonly Rule<Evidence>[] = [
  {
    symbol: 'MISSING_SUBJECT',
    weight: 2,
    group: 'subject',
    why: 'has no subject',
    test: ({ values }) => values('subject').length === 0,
  },
  {
    symbol: 'EMPTY_SUBJECT',
    weight: 1,
    group: 'subject',
    why: 'has an empty subject',
    test: ({ values }) => values('subject').some((subject) => subject === ''),
  },
  {
    symbol: 'SUBJ_ALL_CAPS',
    weight: 3,
    group: 'subject',
    why: 'shouts in its subject',
    test: ({ content: { index } }) => isShouting(index.baseSubject),
  },
  {
    symbol: 'LONG_SUBJ',
    weight: 3,
    group: 'subject',
    why: 'has a very long subject',
    test: ({ content: { index } }) => index.subject.length > 200,
  },
  {
    symbol: 'SUBJECT_HAS_CURRENCY',
    weight: 1,
    group: 'subject',
    why: 'speaks of money in its subject',
    test: ({ content: { index } }) => /[$€£¥₽]|\b(?:USD|EUR|GBP)\b/.test(index.subject),
  },
  {
    symbol: 'SUBJECT_ENDS_EXCLAIM',
    weight: 0.5,
    group: 'subject',
    why: 'ends its subject with an exclamation mark',
    test: ({ content: { index } }) => index.subject.endsWith('!'),
  },
  {
    symbol: 'SUBJECT_ENDS_QUESTION',
    weight: 0,
    group: 'subject',
    why: 'ends its subject with a question',
    test: ({ content: { index } }) => index.subject.endsWith('?'),
  },
  {
    symbol: 'SUBJECT_ENDS_SPACES',
    weight: 0.5,
    group: 'subject',
    why: 'has a tail behind many spaces in its subject',
    test: ({ content: { index } }) => /\s{5,}\S+\s*$/.test(index.subject.slice(-200)),
  },
  {
    symbol: 'SUBJECT_HAS_EXCESS_PUNCTUATION',
    weight: 1,
    group: 'subject',
    why: 'has far too many marks in its subject',
    test: ({ content: { index } }) => /[!?$*]{3}/.test(index.subject),
  },
  {
    symbol: 'SUBJECT_NEEDS_ENCODING',
    weight: 1,
    group: 'subject',
    why: 'has raw 8-bit octets in its subject',
    test: ({ values }) => values('subject').some((subject) => /[\x80-\xff]/.test(subject)),
  },
  {
    symbol: 'SUBJ_EXCESS_BASE64',
    weight: 1.5,
    group: 'subject',
    why: 'hides a plain subject in base64',
    test: ({ values, content: { index } }) =>
      values('subject').some((subject) => /=\?[^?]+\?b\?/i.test(subject)) &&
      /^[\x20-\x7e]+$/.test(index.subject),
  },
  {
    symbol: 'URL_IN_SUBJECT',
    weight: 4,
    group: 'subject',
    why: 'has a web address in its subject',
    test: ({ content: { index } }) => /https?:\/\/|\bwww\.\w/i.test(index.subject),
  },
  {
    symbol: 'SUBJECT_HAS_NAME_OF_RECIPIENT',
    weight: 0.5,
    group: 'subject',
    why: 'puts your address into its subject',
    test: ({ content: { index }, to }) =>
      to.some(
        ({ local }) =>
          local.length > 2 &&
          index.subject.slice(0, local.length).toLowerCase() === local.toLowerCase() &&
          /^\s*[,!]/.test(index.subject.slice(local.length, local.length + 20)),
      ),
  },
  {
    symbol: 'COMPLETELY_EMPTY',
    weight: 15,
    group: 'text',
    why: 'is empty',
    test: ({ content }) =>
      content.index.headerBytes >= content.index.size &&
      content.index.subject === '' &&
      content.index.attachments === 0,
  },
  {
    symbol: 'R_PARTS_DIFFER',
    weight: 1,
    group: 'text',
    why: 'says other things in plain text than in HTML',
    test: partsDiffer,
  },
  {
    symbol: 'MANY_CAPITALS',
    weight: 1,
    group: 'text',
    why: 'shouts',
    test: ({ content }) => isMostlyCapitals(content.texts[0]?.text ?? ''),
  },
  {
    symbol: 'GAPPY_WORDS',
    weight: 1.5,
    group: 'text',
    why: 's p e l l s words with gaps',
    test: ({ content }) => /(?:^|\s)(?:[A-Za-z][ .*_-]){5,}[A-Za-z](?:\s|$)/.test(content.text),
  },
  {
    symbol: 'ZERO_WIDTH_TEXT',
    weight: 2,
    group: 'text',
    why: 'has invisible characters within words',
    test: ({ content }) =>
      (content.text.match(/\p{L}[\u200b-\u200d\u2060\ufeff\u00ad]+\p{L}/gu) ?? []).length > 3,
  },
  {
    symbol: 'R_MIXED_CHARSET',
    weight: 5,
    group: 'text',
    why: 'mixes alphabets within words',
    test: ({ content }) => mixedWords(content.text) > 2,
  },
  {
    symbol: 'MONEY_TALK',
    weight: 0.5,
    group: 'text',
    why: 'speaks of large sums',
    test: ({ content }) => /(?:\$|€|£|USD|EUR)\s?\d{1,3}(?:[.,]\d{3}){1,}/.test(content.text),
  },
  {
    symbol: 'CLAIMS_LEGAL',
    weight: 1.5,
    group: 'text',
    why: 'protests that it is no spam',
    test: ({ content }) =>
      /this is not spam|not considered spam|(?:bill|title) s\.? ?1618|can[- ]spam act|anti-?spam (?:law|policy)|in compliance with|opt(?:ed)?[- ]?in (?:list|mailing)/i.test(
        content.text,
      ),
  },
  {
    symbol: 'REMOVE_BY_MAIL',
    weight: 1,
    group: 'text',
    why: 'wants an answer for being left alone',
    test: ({ content }) =>
      /\b(?:remove|unsubscribe|take me off)\b[^.\n]{0,60}\bsubject\b|\bsubject\b[^.\n]{0,40}\bremove\b|to be removed|removed? from (?:our|this|future)/i.test(
        content.text,
      ),
  },
  {
    symbol: 'ADVANCE_FEE',
    weight: 3,
    group: 'text',
    why: 'tells of a fortune that waits for your help',
    test: ({ content }) => {
      const text = content.text.toLowerCase()
      return new Set(text.match(advanceFee)).size >= 4
    },
  },
]

/** One pattern: looking for each by itself takes three times as long. */
const advanceFee =
  /next of kin|beneficiary|transfer the|million united states dollars|million u\.s\. dollars|us\$|confidential|foreign account|late husband|late father|nigeria|deceased|your assistance|percent of the|inheritance|security company|bank account|god bless|urgent response|compensation|consignment/g

function isMostlyCapitals(text: string): boolean {
  let letters = 0
  let capitals = 0
  for (let at = 0; at < Math.min(text.length, textRead); at++) {
    const unit = text.charCodeAt(at)
    if (unit >= 0x41 && unit <= 0x5a) capitals++
    else if (unit < 0x61 || unit > 0x7a) continue
    letters++
  }
  return letters > 100 && capitals > letters / 3
}

function isShouting(subject: string): boolean {
  // Only alphabets with capitals can shout.
  return /^\P{L}*(?:\p{Lu}\P{L}*){10,}$/u.test(subject)
}

/** Cyrillic in a Latin word, or Greek inside one: µmol and TNFα are honest. */
const mixed =
  /(?<!\p{L})(?=\p{L}{0,39}[A-Za-z])(?=\p{L}{0,39}[\u0400-\u04ff]|\p{L}{0,38}[A-Za-z][\u0370-\u03ff][A-Za-z])\p{L}{3,40}/gu

function mixedWords(text: string): number {
  return (text.match(mixed) ?? []).length
}

/** Words of the one that the other lacks; both say the same in honest mail. */
function partsDiffer({ content }: Evidence): boolean {
  const plain = content.texts.find(({ part }) => part.type === 'text/plain')
  const html = content.texts.find((one) => one.html)
  if (!plain || !html || plain.part.parent !== html.part.parent) return false
  takeWords(plain.text, ofPlain)
  takeWords(html.text, ofHtml)
  const [fewer, more] = ofPlain.size < ofHtml.size ? [ofPlain, ofHtml] : [ofHtml, ofPlain]
  return more.size >= 10 && fewer.shared(more) < fewer.size / 2
}

/** Used for one message after the other. */
const ofPlain = new NumberSet()
const ofHtml = new NumberSet()

const shortestWord = 4
const longestWord = 20

/** Hashes of all `\p{L}{4,20}`, in lower case. */
function takeWords(text: string, words: NumberSet): void {
  words.clear()
  const lower = text.slice(0, textRead).toLowerCase()
  for (let at = findKind(lower, 0, kind.letter); at < lower.length; at = findKind(lower, at, kind.letter)) {
    let value = 0x811c9dc5
    let length = 0
    for (; length < longestWord && at < lower.length; length++) {
      const found = kindAt(lower, at)
      if ((found & kind.letter) === 0) break
      value = Math.imul(value ^ (lower.codePointAt(at) ?? 0), 0x01000193)
      at += widthOf(found)
    }
    if (length >= shortestWord) words.add(value)
  }
}

const textRead = 20_000
