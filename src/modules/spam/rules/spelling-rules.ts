import type { ListMailbox } from '../../../lib/mime/address-list.ts'
import { decodeWords } from '../../../lib/mime/encoded-word.ts'
import type { Evidence } from './evidence.ts'
import type { Rule } from './rule.ts'

/** How names and addresses are written. */
export const spellingRules: readonly Rule<Evidence>[] = [
  {
    symbol: 'FROM_EXCESS_BASE64',
    weight: 1.5,
    group: 'people',
    why: 'hides a plain name of its sender in base64',
    test: ({ values }) => isNeedless(values('from'), 'b'),
  },
  {
    symbol: 'TO_EXCESS_BASE64',
    weight: 1.5,
    group: 'people',
    why: 'hides a plain name of its reader in base64',
    test: ({ values }) => isNeedless(values('to'), 'b'),
  },
  {
    symbol: 'REPLYTO_EXCESS_BASE64',
    weight: 1.5,
    group: 'people',
    why: 'hides where it wants its answer in base64',
    test: ({ values }) => isNeedless(values('reply-to'), 'b'),
  },
  {
    symbol: 'INVALID_FROM_8BIT',
    weight: 3,
    group: 'people',
    why: 'has a sender in an alphabet that it does not name',
    test: ({ values }) => values('from').some(isRaw),
  },
  {
    symbol: 'INVALID_RCPT_8BIT',
    weight: 3,
    group: 'people',
    why: 'has a reader in an alphabet that it does not name',
    test: ({ values }) => [...values('to'), ...values('cc')].some(isRaw),
  },
  {
    symbol: 'FROM_NAME_EXCESS_SPACE',
    weight: 1,
    group: 'people',
    why: 'has a name of its sender full of blanks',
    test: ({ from }) => from.some(({ name }) => /\s{3}/.test(name ?? '')),
  },
  {
    symbol: 'FROM_NAME_HAS_TITLE',
    weight: 1,
    group: 'people',
    why: 'is from a Mister, a Barrister or the like',
    test: ({ from }) => from.some(({ name }) => title.test(decodeWords(name ?? ''))),
  },
  {
    symbol: 'REPLYTO_EMAIL_HAS_TITLE',
    weight: 2,
    group: 'people',
    why: 'wants its answer at the mailbox of a Mister, a Barrister or the like',
    test: ({ replyTo }) =>
      replyTo.some(({ local }) => /^(?:mrs?|miss|ms|dr|barr(?:ister)?|sir|rev)[._]/i.test(local)),
  },
  {
    symbol: 'TO_DN_RECIPIENTS',
    weight: 2,
    group: 'people',
    why: 'is for “recipients”',
    test: ({ to }) => to.some(({ name }) => /^"?recipients?"?$/i.test(name ?? '')),
  },
  {
    symbol: 'TO_WRAPPED_IN_SPACES',
    weight: 2,
    group: 'people',
    why: 'is for an address between blanks',
    test: ({ values }) => values('to').some((to) => /<\s[^<>@]{1,64}@[^<>\s]{1,255}\s>/.test(to)),
  },
  {
    symbol: 'R_NO_SPACE_IN_FROM',
    weight: 1,
    group: 'people',
    why: 'has a sender whose name sticks to the address',
    test: ({ values }) => values('from').some((from) => /[\w"]<[^<>\s@]{1,64}@[^<>\s]{1,255}>/.test(from)),
  },
  {
    symbol: 'REPLYTO_UNPARSEABLE',
    weight: 1,
    group: 'people',
    why: 'wants its answer at something that is no address',
    test: ({ values, replyTo }) =>
      values('reply-to').some((value) => value.trim() !== '') && replyTo.length === 0,
  },
  {
    symbol: 'WWW_DOT_DOMAIN',
    weight: 0.5,
    group: 'people',
    why: 'is from a mailbox of a web page',
    test: ({ from, replyTo }) => [...from, ...replyTo].some(({ domain }) => /^www\./i.test(domain)),
  },
  {
    symbol: 'FROM_NAME_SPOOFED_LETTERS',
    weight: 3,
    group: 'people',
    why: 'has a name of its sender with look-alike letters',
    test: ({ from }) => from.flatMap(mixedName),
  },
]

const title =
  /^["'\s]*(?:mr|mrs|miss|barr(?:ister)?|engr|sir|rev(?:erend)?|prince(?:ss)?|general|gen|col(?:onel)?|sgt)\.? /i

/** An encoded word that holds nothing but ASCII. */
function isNeedless(values: readonly string[], how: 'b'): boolean {
  return values.some((value) => {
    const words = [...value.matchAll(/=\?[\w.-]{1,40}\?([bq])\?([^?]{1,400})\?=/gi)]
    return (
      words.length > 0 &&
      words.every(
        ([, encoding = '', text = '']) =>
          encoding.toLowerCase() === how && isPlain(Buffer.from(text, 'base64')),
      )
    )
  })
}

const isPlain = (octets: Buffer): boolean => octets.every((octet) => octet >= 32 && octet < 127)

/** Octets above 127 that are not UTF-8, in which honest senders may write addresses. */
function isRaw(value: string): boolean {
  if (!/[\x80-\xff]/.test(value)) return false
  return Buffer.from(value, 'latin1').toString('utf8').includes('\ufffd')
}

/** Cyrillic or Greek within a Latin word. */
function mixedName({ name = '' }: ListMailbox): string[] {
  const words = decodeWords(name).match(/\p{L}{3,40}/gu) ?? []
  return words.filter((word) => /[a-z]{2}/i.test(word) && /[\u0370-\u03ff\u0400-\u04ff]/.test(word))
}
