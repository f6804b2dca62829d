import { expect, test } from 'vitest'
import { indexMessage } from '../../../lib/mime/indexer.ts'
import { readContent } from '../content/message-content.ts'
import { collectEvidence, type Evidence } from './evidence.ts'
import { applyRules, groupCaps, type Rule } from './rule.ts'
import { contentRules } from './rules.ts'

const honest = {
  from: 'From: Ann Example <ann@home.test>',
  to: 'To: Bob <bob@far.test>',
  subject: 'Subject: Lunch on Friday',
  date: 'Date: Thu, 15 Jan 2026 11:59:00 +0000',
  id: 'Message-ID: <1@home.test>',
  mime: 'MIME-Version: 1.0',
  type: 'Content-Type: text/plain; charset=utf-8',
}

const hello =
  'Hello Bob,\r\n\r\nshall we have lunch on Friday? I know a new place near the station.\r\n\r\nAnn\r\n'

type Part = keyof typeof honest | 'more' | 'body'

function symbols(changes: Partial<Record<Part, string | undefined>> = {}): string[] {
  const { more, body = hello, ...fields } = { ...honest, ...changes }
  const header = [...Object.values(fields), more].filter((line) => line !== undefined && line !== '')
  const octets = Buffer.from(`${header.join('\r\n')}\r\n\r\n${body}`)
  const content = readContent(octets, indexMessage(octets))
  return applyRules(contentRules, collectEvidence(content)).map(({ symbol }) => symbol)
}

const html = (inner: string) => ({ type: 'Content-Type: text/html; charset=utf-8', body: inner })
const words = 'Some honest words for the reader. '.repeat(20)

test('an ordinary message holds nothing against itself', () => {
  expect(symbols()).toEqual([])
})

test.each<[string, Partial<Record<Part, string | undefined>>]>([
  ['MISSING_MID', { id: '' }],
  ['INVALID_MSGID', { id: 'Message-ID: nothing of the kind' }],
  ['MISSING_DATE', { date: '' }],
  ['INVALID_DATE', { date: 'Date: soon' }],
  ['MISSING_FROM', { from: '' }],
  ['MULTIPLE_FROM', { more: 'From: <eve@other.test>' }],
  ['MULTIPLE_UNIQUE_HEADERS', { more: 'Subject: again' }],
  ['MISSING_TO', { to: '' }],
  ['MISSING_MIME_VERSION', { mime: '' }],
  ['FAKE_REPLY', { subject: 'Subject: Re: your order' }],
  ['X_PRIORITY_HIGH', { more: 'X-Priority: 1 (Highest)' }],
  ['XM_RANDOM', { more: 'X-Mailer: ArHA8IFlSSFNGzAMo' }],
  [
    'FORGED_MUA_THUNDERBIRD_MSGID',
    { more: 'User-Agent: Mozilla Thunderbird/115.0', id: 'Message-ID: <x@y.test>' },
  ],
  ['MAILLIST', { more: 'List-Id: <l.home.test>\r\nList-Post: <mailto:l@home.test>' }],
  ['BROKEN_CONTENT_TYPE', { type: 'Content-Type: plain' }],
  ['FROM_INVALID', { from: 'From: Eve <eve@localhost>' }],
  ['FROM_NO_DN', { from: 'From: ann@home.test' }],
  ['FROM_DIGITS', { from: 'From: Eve <eve48213@home.test>' }],
  ['SPOOF_DISPLAY_NAME', { from: 'From: "service@bank.test" <eve@evil.test>' }],
  ['FROM_DN_EQ_ADDR', { from: 'From: "ann@home.test" <ann@home.test>' }],
  ['TO_EQ_FROM', { to: 'To: <ann@home.test>' }],
  ['REPLYTO_EQ_TO_ADDR', { more: 'Reply-To: bob@far.test' }],
  ['REPLYTO_NEQ_FROM_DOM', { more: 'Reply-To: eve@other.test' }],
  ['FREEMAIL_REPLYTO_NEQ_FROM_DOM', { more: 'Reply-To: fortune@gmail.com' }],
  ['R_UNDISC_RCPT', { to: 'To: undisclosed-recipients:;' }],
  [
    'SORTED_RECIPS',
    {
      to: `To: ${'a b c d e f g h'
        .split(' ')
        .map((name) => `${name}ert@far.test`)
        .join(', ')}`,
    },
  ],
  [
    'SUSPICIOUS_RECIPS',
    {
      to: `To: ${'h g f e d c b a'
        .split(' ')
        .map((name) => `bob${name}@far.test`)
        .join(', ')}`,
    },
  ],
  ['MISSING_SUBJECT', { subject: '' }],
  ['EMPTY_SUBJECT', { subject: 'Subject: ' }],
  ['SUBJ_ALL_CAPS', { subject: 'Subject: ACT NOW AND SAVE' }],
  ['LONG_SUBJ', { subject: `Subject: ${'long '.repeat(50)}` }],
  ['SUBJECT_HAS_CURRENCY', { subject: 'Subject: only $9.95' }],
  ['SUBJECT_ENDS_SPACES', { subject: 'Subject: Hello you                  xkwq' }],
  ['SUBJ_EXCESS_BASE64', { subject: 'Subject: =?utf-8?B?SGVsbG8=?=' }],
  ['URL_IN_SUBJECT', { subject: 'Subject: see http://evil.test/' }],
  ['SUBJECT_HAS_NAME_OF_RECIPIENT', { subject: 'Subject: bob, you have won' }],
  ['GAPPY_WORDS', { body: 'Buy V i a g r a x now\r\n' }],
  ['ZERO_WIDTH_TEXT', { body: 'pay\u200bpal ac\u200bcount log\u200bin no\u200bw\r\n' }],
  ['R_MIXED_CHARSET', { body: 'Your раypal аccount is lосked\r\n' }],
  ['MANY_CAPITALS', { body: 'BUY THIS NOW AND YOU WILL SAVE A LOT OF MONEY '.repeat(5) }],
  ['CLAIMS_LEGAL', { body: 'This is not spam: it is sent in compliance with the law.\r\n' }],
  [
    'ADVANCE_FEE',
    {
      body: 'My late husband was deceased. As next of kin you transfer the inheritance to a bank account.\r\n',
    },
  ],
  ['MIME_HTML_ONLY', html(`<p>${words}</p>`)],
  ['HIDDEN_TEXT', html(`<p>${words}</p><div style="display:none">${words}</div>`)],
  ['HTML_FORM', html(`${words}<form action="http://evil.test/"><input name=pin></form>`)],
  ['HTML_SCRIPT', html(`${words}<script>alert(1)</script>`)],
  ['HTML_IFRAME', html(`${words}<iframe src="http://evil.test/"></iframe>`)],
  ['HTML_META_REFRESH_URL', html(`<meta http-equiv="refresh" content="0; url=http://evil.test/">${words}`)],
  ['R_EMPTY_IMAGE', html('<img src="http://evil.test/a.png">')],
  ['HTML_SHORT_LINK_IMG_1', html('<a href="http://evil.test/"><img src="cid:1"></a> look')],
  ['PHISHING', html(`${words}<a href="http://evil.test/">https://bank.test/login</a>`)],
  ['HTTP_TO_IP', { body: `${words} http://192.0.2.7/pay\r\n` }],
  ['URL_HAS_USER', { body: `${words} http://bank.test@evil.test/\r\n` }],
  ['URL_ODD_PORT', { body: `${words} http://evil.test:8081/\r\n` }],
  ['OMOGRAPH_URL', { body: `${words} http://раypal.test/\r\n` }],
  ['URL_SHORTENED', { body: `${words} https://bit.ly/3abc\r\n` }],
  ['HAS_FILE_URL', html(`${words}<a href="file:///c:/x">x</a>`)],
  ['DATA_URI_OBFU', html(`${words}<a href="data:text/html,hello">x</a>`)],
  ['URL_ONLY', { body: 'http://evil.test/\r\n' }],
])('%s', (symbol, changes) => {
  expect(symbols(changes)).toContain(symbol)
})

test('a symbol stands for one rule, and says why in a few words', () => {
  expect(new Set(contentRules.map(({ symbol }) => symbol)).size).toBe(contentRules.length)
  for (const { why } of contentRules) expect(why).toMatch(/^[a-z].{4,70}[^.]$/)
})

test('rules of a group weigh no more than its cap, whatever they find', () => {
  const rule = (symbol: string, weight: number): Rule<Evidence> => ({
    symbol,
    weight,
    group: 'subject',
    why: 'always',
    test: () => true,
  })
  const octets = Buffer.from('\r\n')
  const evidence = collectEvidence(readContent(octets, indexMessage(octets)))
  const hits = applyRules([rule('A', 4), rule('B', 4), rule('C', 4), rule('D', -1)], evidence)
  expect(hits.map(({ weight }) => weight)).toEqual([4, 2, 0, -1])
  expect(groupCaps.subject).toBe(6)
})
