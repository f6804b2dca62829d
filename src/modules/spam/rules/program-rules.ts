import type { Evidence } from './evidence.ts'
import { serviceAccount } from './origin-rules.ts'
import type { Rule } from './rule.ts'

/** Which program wrote it, by traces that it leaves in the header. */
export const programRules: readonly Rule<Evidence>[] = [
  {
    symbol: 'X_PHP_EVAL',
    weight: 4,
    group: 'headers',
    why: 'was sent by a script that somebody smuggled into a web server',
    test: ({ values }) => scripts(values).some((script) => /eval\(\)'d/.test(script)),
  },
  {
    symbol: 'HIDDEN_SOURCE_OBJ',
    weight: 2,
    group: 'headers',
    why: 'was sent by a hidden script of a web server',
    test: ({ values }) => scripts(values).some((script) => /(?:^|\/|:)\.\w/.test(script)),
  },
  {
    symbol: 'PHP_SCRIPT_ROOT',
    weight: 1,
    group: 'headers',
    why: 'was sent by a web server that may do everything',
    test: ({ values }) => values('x-php-originating-script').some((script) => script.startsWith('0:')),
  },
  {
    symbol: 'FROM_SERVICE_ACCT',
    weight: 1,
    group: 'people',
    why: 'is from a program on a web server',
    test: ({ from }) => from.some(({ local, domain }) => serviceAccount.test(`${local}@${domain}`)),
  },
  {
    symbol: 'XAW_SERVICE_ACCT',
    weight: 1,
    group: 'headers',
    why: 'was sent by a program on a web server in another’s name',
    test: ({ values }) =>
      values('x-authentication-warning').some((warning) =>
        /^\S+ (?:www-?data|apache|nobody|httpd)\b|\b(?:www-?data|apache|nobody|httpd) set sender/i.test(
          warning,
        ),
      ),
  },
  {
    symbol: 'MID_RHS_WWW',
    weight: 0.5,
    group: 'headers',
    why: 'has a Message-ID of a web page',
    test: ({ values }) => values('message-id').some((id) => /@www\./i.test(id)),
  },
  {
    symbol: 'OLD_X_MAILER',
    weight: 2,
    group: 'headers',
    why: 'says it is from a program that nobody uses any more',
    test: ({ values }) =>
      values('x-mailer').some((mailer) =>
        /^(?:The Bat! \(v1|QUALCOMM Windows Eudora (?:Pro )?Version [1-6]\.|Microsoft Outlook, Build 9\.)/.test(
          mailer,
        ),
      ),
  },
  {
    symbol: 'X_PHPOS_FAKE',
    weight: 3,
    group: 'headers',
    why: 'has a forged trace of a web server',
    test: ({ values }) => values('x-php-originating-script').some((script) => /^\d{7}:/.test(script)),
  },
  {
    symbol: 'CT_EXTRA_SEMI',
    weight: 1,
    group: 'headers',
    why: 'has a content type with nothing behind its semicolon',
    test: ({ values }) => values('content-type').some((type) => /;\s*$/.test(type.slice(-100))),
  },
  {
    symbol: 'MV_CASE',
    weight: 0.5,
    group: 'headers',
    why: 'writes MIME-Version as no mail program does',
    test: ({ content: { header } }) => spelled(header, 'mime-version', /^(?:MIME|Mime)-[Vv]ersion$/),
  },
  {
    symbol: 'CTE_CASE',
    weight: 0.5,
    group: 'headers',
    why: 'writes its encoding as no mail program does',
    test: ({ values }) => values('content-transfer-encoding').some((encoding) => /^[78]B/.test(encoding)),
  },
  {
    symbol: 'HEADER_EMPTY_DELIMITER',
    weight: 1,
    group: 'headers',
    why: 'writes its header without blanks',
    test: ({ content: { header } }) =>
      header.fields.some(
        ({ name, start, end }) =>
          close.has(name) &&
          start + name.length + 1 < end &&
          !/\s/.test(header.text.charAt(start + name.length + 1)),
      ),
  },
  {
    symbol: 'MISSING_ESSENTIAL_HEADERS',
    weight: 7,
    group: 'headers',
    why: 'has neither an author, nor a date, nor a subject',
    test: ({ from, values }) =>
      from.length === 0 && values('date').length === 0 && values('subject').length === 0,
  },
  {
    symbol: 'SIGNED_PGP',
    weight: -2,
    group: 'mime',
    why: 'is signed (OpenPGP)',
    test: ({ values }) => isOf(values, /^multipart\/signed\b.*application\/pgp-signature/i),
  },
  {
    symbol: 'SIGNED_SMIME',
    weight: -2,
    group: 'mime',
    why: 'is signed (S/MIME)',
    test: ({ values }) => isOf(values, /^multipart\/signed\b.*pkcs7-signature/i),
  },
  {
    symbol: 'ENCRYPTED_PGP',
    weight: -0.5,
    group: 'mime',
    why: 'is encrypted (OpenPGP)',
    test: ({ values }) => isOf(values, /^multipart\/encrypted\b.*application\/pgp-encrypted/i),
  },
  {
    symbol: 'ENCRYPTED_SMIME',
    weight: -0.5,
    group: 'mime',
    why: 'is encrypted (S/MIME)',
    test: ({ values }) => isOf(values, /^application\/(?:x-)?pkcs7-mime\b.*enveloped-data/i),
  },
]

const close = new Set(['from', 'to', 'cc', 'reply-to', 'date', 'subject'])

const scripts = (values: Evidence['values']): string[] => [
  ...values('x-php-script'),
  ...values('x-php-originating-script'),
  ...values('x-source'),
  ...values('x-source-args'),
]

const isOf = (values: Evidence['values'], type: RegExp): boolean =>
  values('content-type').some((one) => type.test(one))

function spelled({ text, fields }: Evidence['content']['header'], name: string, right: RegExp): boolean {
  return fields.some(
    (field) => field.name === name && !right.test(text.slice(field.start, field.start + name.length)),
  )
}
