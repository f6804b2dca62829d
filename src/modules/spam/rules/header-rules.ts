import { parseMessageDate } from '../../../lib/mime/date.ts'
import type { Evidence } from './evidence.ts'
import type { Rule } from './rule.ts'

/** What is missing, doubled or badly made in the header. */
export const headerRules: readonly Rule<Evidence>[] = [
  {
    symbol: 'MISSING_MID',
    weight: 2.5,
    group: 'headers',
    why: 'has no Message-ID',
    test: ({ values }) => values('message-id').length === 0,
  },
  {
    symbol: 'INVALID_MSGID',
    weight: 1.7,
    group: 'headers',
    why: 'has a Message-ID that is none',
    test: ({ values }) => values('message-id').some((id) => !/^<[^<>\s@]+@[^<>\s@]+>$/.test(id)),
  },
  {
    symbol: 'MISSING_DATE',
    weight: 1,
    group: 'headers',
    why: 'has no date',
    test: ({ values }) => values('date').length === 0,
  },
  {
    symbol: 'INVALID_DATE',
    weight: 1.5,
    group: 'headers',
    why: 'has a date that cannot be read',
    test: ({ values }) => values('date').some((date) => parseMessageDate(date) === undefined),
  },
  {
    symbol: 'MISSING_FROM',
    weight: 2,
    group: 'headers',
    why: 'names no sender',
    test: ({ from }) => from.length === 0,
  },
  {
    symbol: 'MULTIPLE_FROM',
    weight: 8,
    group: 'headers',
    why: 'has several From fields',
    test: ({ values }) => values('from').length > 1,
  },
  {
    symbol: 'MULTIPLE_UNIQUE_HEADERS',
    weight: 3,
    group: 'headers',
    why: 'repeats fields that stand once in honest mail',
    test: ({ values }) =>
      ['subject', 'date', 'message-id', 'to', 'reply-to', 'mime-version', 'content-type'].some(
        (name) => values(name).length > 1,
      ),
  },
  {
    symbol: 'MISSING_TO',
    weight: 2,
    group: 'headers',
    why: 'names nobody it is for',
    test: ({ values }) => values('to').length === 0 && values('cc').length === 0,
  },
  {
    symbol: 'MISSING_MIME_VERSION',
    weight: 2,
    group: 'headers',
    why: 'is MIME without saying so',
    test: ({ values }) => values('mime-version').length === 0 && values('content-type').length > 0,
  },
  {
    symbol: 'MIME_HEADER_CTYPE_ONLY',
    weight: 2,
    group: 'headers',
    why: 'has a content type and no other field of MIME',
    test: ({ values }) =>
      values('content-type').length > 0 &&
      values('mime-version').length === 0 &&
      values('content-transfer-encoding').length === 0,
  },
  {
    symbol: 'FAKE_REPLY',
    weight: 1,
    group: 'headers',
    why: 'claims to be a reply and names nothing it answers',
    test: ({ content, values }) =>
      /^re:/i.test(content.index.subject) &&
      values('in-reply-to').length === 0 &&
      values('references').length === 0,
  },
  {
    symbol: 'X_PRIORITY_HIGH',
    weight: 0.5,
    group: 'headers',
    why: 'says it is urgent',
    test: ({ values }) =>
      values('x-priority').some((value) => /^[12]\b/.test(value)) ||
      values('importance').some((value) => /^high/i.test(value)),
  },
  {
    symbol: 'HEADER_8BIT',
    weight: 1,
    group: 'headers',
    why: 'has raw 8-bit octets in its header',
    test: ({ content }) => /[\x80-\xff]/.test(content.header.text),
  },
  {
    symbol: 'FORGED_MUA_OUTLOOK',
    weight: 3,
    group: 'headers',
    why: 'says it is from Outlook, whose Message-IDs look otherwise',
    test: (evidence) =>
      says(evidence, /^Microsoft Outlook(?: Express)?[ ,]/) &&
      evidence.values('message-id').some((id) => !/^<[\w$.=+/-]+@[^>]*>$/.test(id)),
  },
  {
    symbol: 'FORGED_MUA_THUNDERBIRD_MSGID',
    weight: 4,
    group: 'headers',
    why: 'says it is from Thunderbird, whose Message-IDs look otherwise',
    test: (evidence) =>
      says(evidence, /Thunderbird\//) &&
      evidence
        .values('message-id')
        .some((id) => !/^<[0-9a-fA-F]{6,8}[0-9a-fA-F-]*(?:\.[0-9a-fA-F]+)?@/.test(id)),
  },
  {
    symbol: 'MISSING_MIMEOLE',
    weight: 2,
    group: 'headers',
    why: 'says it is from Outlook Express and lacks what that writes',
    test: ({ values }) =>
      values('x-msmail-priority').length > 0 &&
      values('x-mimeole').length === 0 &&
      values('x-mailer').every((mailer) => !/Office Outlook|Microsoft Outlook 1/.test(mailer)),
  },
  {
    symbol: 'XM_RANDOM',
    weight: 2,
    group: 'headers',
    why: 'was made by a program with a made-up name',
    test: ({ values }) =>
      values('x-mailer').some((mailer) => /^(?=.*\d[A-Za-z])[A-Za-z0-9]{12,}$/.test(mailer)),
  },
  {
    symbol: 'HAS_LIST_UNSUB',
    weight: -0.01,
    group: 'headers',
    why: 'can be unsubscribed from',
    test: ({ values }) => values('list-unsubscribe').length > 0,
  },
  {
    symbol: 'MAILLIST',
    weight: -0.2,
    group: 'headers',
    why: 'came through a mailing list',
    test: ({ values }) => values('list-id').length > 0 && values('list-post').length > 0,
  },
  {
    symbol: 'BROKEN_CONTENT_TYPE',
    weight: 1.5,
    group: 'headers',
    why: 'has a content type that cannot be read',
    test: ({ values }) => values('content-type').some((type) => !/^[\w.+-]+\/[\w.+-]+\s*(?:;|$)/.test(type)),
  },
]

function says({ values }: Evidence, mailer: RegExp): boolean {
  return [...values('x-mailer'), ...values('user-agent')].some((value) => mailer.test(value))
}
