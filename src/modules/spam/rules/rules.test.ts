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

const pale = 'words that nobody is to read, but filters are'
test.each([
  ['white on white', `<p>${words}</p><p style="color:#fff">${pale}</p>`, true],
  ['nearly white', `<p>${words}</p><font color=#FDFDFD>${pale}</font>`, true],
  [
    'black on black',
    `<p>${words}</p><td bgcolor="black"><span style="color: rgb(1, 1, 1)">${pale}</span></td>`,
    true,
  ],
  [
    'white on a dark table',
    `<p>${words}</p><table bgcolor="#003366"><tr><td style="color:white">${pale}</td></table>`,
    false,
  ],
  ['white on a picture', `<p>${words}</p><td background="a.jpg" style="color:white">${pale}</td>`, false],
  [
    'white on what a style sheet says',
    `<style>.a{background:#000}</style><p>${words}</p><td class=a style="color:white">${pale}</td>`,
    false,
  ],
  [
    'white and hidden, as newsletters begin',
    `<div style="display:none;color:#fff">${pale}</div><p>${words}</p>`,
    false,
  ],
  ['one white letter', `<p>${words}</p><font color=white>.</font>`, false],
])('text is seen or not: %s', (_, inner, isUnseen) => {
  expect(symbols(html(`<body>${inner}</body>`)).includes('R_WHITE_ON_WHITE')).toBe(isUnseen)
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
  [
    'ENDLESS_STRUCTURE',
    { type: 'Content-Type: multipart/mixed; boundary=b', body: '--b\r\n\r\nx\r\n'.repeat(2100) },
  ],
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
  ['OMOGRAPH_URL', { body: `${words} http://соре.test/\r\n` }],
  ['OMOGRAPH_URL', { body: `${words} http://xn--80ak6aa92e.com/\r\n` }],
  ['ZERO_WIDTH_SPACE_URL', { body: `${words} http://bank.test/pay\u200bment\r\n` }],
  ['HAS_IPFS_GATEWAY_URL', { body: `${words} https://ipfs.io/ipfs/QmT5NvUtoM5nWFfrQdVrFtvGfKFmG7AHE8\r\n` }],
  ['HAS_GOOGLE_FIREBASE_URL', { body: `${words} https://login-1.web.app/\r\n` }],
  ['HAS_GUC_PROXY_URI', { body: `${words} https://ci3.googleusercontent.com/proxy/abc\r\n` }],
  ['HAS_GOOGLE_REDIR', { body: `${words} https://www.google.com/url?q=https://evil.test/\r\n` }],
  ['URL_REDIRECTOR_NESTED', { body: `${words} http://a.test/?u=http://b.test/?u=https%3A%2F%2Fc.test\r\n` }],
  ['HACKED_WP_PHISHING', { body: `${words} http://club.test/wp-includes/js/bank/index.php?a\r\n` }],
  ['URI_HIDDEN_PATH', { body: `${words} http://club.test/.cache/pay\r\n` }],
  ['HTTP_TO_HTTPS', html(`${words}<a href="http://bank.test/">https://bank.test/</a>`)],
  ['NUMERIC_HOST_OBFU', { body: `${words} http://0xc0000207/ \r\n` }],
  ['URL_BRAND_SUBDOMAIN', { body: `${words} http://paypal.com.evil.test/\r\n` }],
  ['URL_VERY_DEEP', { body: `${words} http://a.b.c.d.e.f.g.test/\r\n` }],
  ['X_PHP_EVAL', { more: "X-PHP-Originating-Script: 33:x.php(7) : eval()'d code" }],
  ['HIDDEN_SOURCE_OBJ', { more: 'X-Source: /home/x/.cache/a.php' }],
  ['PHP_SCRIPT_ROOT', { more: 'X-PHP-Originating-Script: 0:mail.php' }],
  ['X_PHPOS_FAKE', { more: 'X-PHP-Originating-Script: 1000000:mail.php' }],
  ['FROM_SERVICE_ACCT', { from: 'From: Web <www-data@home.test>' }],
  [
    'XAW_SERVICE_ACCT',
    { more: 'X-Authentication-Warning: a.test: www-data set sender to x@y.test using -f' },
  ],
  ['MID_RHS_WWW', { id: 'Message-ID: <1@www.home.test>' }],
  ['OLD_X_MAILER', { more: 'X-Mailer: The Bat! (v1.52f) Business' }],
  ['CT_EXTRA_SEMI', { type: 'Content-Type: text/plain;' }],
  ['MV_CASE', { mime: 'MiME-Version: 1.0' }],
  ['CTE_CASE', { more: 'Content-Transfer-Encoding: 7Bit' }],
  ['HEADER_EMPTY_DELIMITER', { to: 'To:bob@far.test' }],
  ['MISSING_ESSENTIAL_HEADERS', { from: '', date: '', subject: '' }],
  [
    'SIGNED_PGP',
    { type: 'Content-Type: multipart/signed; boundary=b; protocol="application/pgp-signature"' },
  ],
  [
    'SIGNED_SMIME',
    { type: 'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; boundary=b' },
  ],
  [
    'ENCRYPTED_PGP',
    { type: 'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b' },
  ],
  ['ENCRYPTED_SMIME', { type: 'Content-Type: application/pkcs7-mime; smime-type=enveloped-data' }],
  ['FROM_EXCESS_BASE64', { from: 'From: =?utf-8?B?QW5u?= <ann@home.test>' }],
  ['TO_EXCESS_BASE64', { to: 'To: =?utf-8?B?Qm9i?= <bob@far.test>' }],
  ['REPLYTO_EXCESS_BASE64', { more: 'Reply-To: =?utf-8?B?Qm9i?= <bob@home.test>' }],
  ['FROM_NAME_EXCESS_SPACE', { from: 'From: "Ann     Example" <ann@home.test>' }],
  ['FROM_NAME_HAS_TITLE', { from: 'From: "Barrister John Doe" <ann@home.test>' }],
  ['REPLYTO_EMAIL_HAS_TITLE', { more: 'Reply-To: <mr.john@home.test>' }],
  ['TO_DN_RECIPIENTS', { to: 'To: Recipients <bob@far.test>' }],
  ['TO_WRAPPED_IN_SPACES', { to: 'To: Bob < bob@far.test >' }],
  ['R_NO_SPACE_IN_FROM', { from: 'From: Ann<ann@home.test>' }],
  ['REPLYTO_UNPARSEABLE', { more: 'Reply-To: ;;;' }],
  ['WWW_DOT_DOMAIN', { from: 'From: Ann <ann@www.home.test>' }],
  ['FROM_NAME_SPOOFED_LETTERS', { from: 'From: =?utf-8?B?UGF50YBhbA==?= <ann@home.test>' }],
  ['FORBIDDEN_FILE_EXTENSION', { type: 'Content-Type: application/x; name="a.EXE . "' }],
  ['MIME_DOUBLE_BAD_EXTENSION', { type: 'Content-Type: application/x; name=invoice.pdf.scr' }],
  ['MIME_BAD_UNICODE', { type: "Content-Type: application/x; name*=utf-8''a%E2%80%AEgpj.txt" }],
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

/** Latin letters with octets that are of no alphabet. */
test.each([
  ['INVALID_FROM_8BIT', 'From: J\xfcrgen <j@home.test>\r\nTo: bob@far.test'],
  ['INVALID_RCPT_8BIT', 'From: ann@home.test\r\nTo: J\xfcrgen <j@home.test>'],
])('%s', (symbol, header) => {
  const octets = Buffer.from(`${header}\r\n\r\nhello\r\n`, 'latin1')
  const hits = applyRules(contentRules, collectEvidence(readContent(octets, indexMessage(octets))))
  expect(hits.map((hit) => hit.symbol)).toContain(symbol)
})
