export const oracleExtensions = [
  ...[
    'body',
    'date',
    'envelope',
    'imap4flags',
    'index',
    'mime',
    'regex',
    'relational',
    'subaddress',
    'variables',
  ],
  'comparator-i;ascii-numeric',
]

const fields = [
  'from',
  'to',
  'cc',
  'subject',
  'date',
  'content-type',
  'x-nope',
  'received',
  'message-id',
  'reply-to',
]
const keys = ['', 'a', 'E', 'example', 'com', 're:', 'text/plain', 'multipart', ' ', '@', 'ü']
const globs = ['*', '?*', '*a*', '*.*', '*<*@*>*', 'r*e*', '*example*', '*?', '?*?', '*=*']
const expressions = [
  'a',
  '^.',
  'e+',
  '[[:digit:]]{2,}',
  '(a|e)(m|n)',
  '@[^.]+\\\\.',
  '^re:',
  '\\\\<[a-z]+\\\\>',
  '(x|y)*$',
  '[^a-z]',
]
const numbers = ['0', '1', '2', '5', '100']

const quoted = (text: string) => `"${text}"`
const each = <T, U>(ones: readonly T[], others: readonly U[], join: (one: T, other: U) => string): string[] =>
  ones.flatMap((one) => others.map((other) => join(one, other)))

// `?????*` is not among the patterns: Pigeonhole 0.5.19 ends in a panic where the value is shorter.

/** Tests about any message; what they find is compared with another implementation. */
export const oracleTests: readonly string[] = [
  ...each(fields, keys, (field, key) => `header :contains ${quoted(field)} ${quoted(key)}`),
  ...each(
    fields,
    keys,
    (field, key) => `header :comparator "i;octet" :contains ${quoted(field)} ${quoted(key)}`,
  ),
  ...each(fields, globs, (field, key) => `header :matches ${quoted(field)} ${quoted(key)}`),
  ...each(fields, expressions, (field, key) => `header :regex ${quoted(field)} ${quoted(key)}`),
  ...each(
    ['from', 'to', 'cc', 'reply-to', 'sender'],
    keys,
    (field, key) => `address :contains ${quoted(field)} ${quoted(key)}`,
  ),
  ...each(
    ['localpart', 'domain', 'user', 'detail', 'all'],
    globs,
    (part, key) => `address :${part} :matches ["from", "to"] ${quoted(key)}`,
  ),
  ...each(['eq', 'ge', 'lt', 'ne'], numbers, (relation, number) => {
    return `header :count "${relation}" :comparator "i;ascii-numeric" ["received", "to", "cc"] "${number}"`
  }),
  ...each(['eq', 'ge', 'lt'], numbers, (relation, number) => {
    return `address :count "${relation}" :comparator "i;ascii-numeric" ["from", "to", "cc"] "${number}"`
  }),
  ...each(fields, ['exists', 'exists :mime :anychild'], (field, name) => `${name} ${quoted(field)}`),
  ...each(
    ['raw', 'text', 'content "text"', 'content "multipart"', 'content "message/rfc822"', 'content ""'],
    keys,
    (transform, key) => {
      return `body :${transform} :contains ${quoted(key)}`
    },
  ),
  ...each(['type', 'subtype', 'contenttype', 'param "charset"', 'param "boundary"'], globs, (option, key) => {
    return `header :mime :anychild :${option} :matches "content-type" ${quoted(key)}`
  }),
  ...each(
    ['year', 'month', 'day', 'hour', 'minute', 'zone', 'weekday', 'julian', 'iso8601', 'std11'],
    ['0', '2', '+', 'T'],
    (part, key) => {
      return `date :originalzone :contains "date" "${part}" ${quoted(key)}`
    },
  ),
  ...each(['year', 'date', 'hour', 'iso8601'], ['2', '01', '12'], (part, key) => {
    return `date :zone "+0500" :index 1 :contains "received" "${part}" ${quoted(key)}`
  }),
  ...each(['size :over', 'size :under'], ['100', '1000', '10K', '1M'], (limit, size) => `${limit} ${size}`),
]

const emptyGroup = 'Pigeonhole counts a group without members as an address'
const noParameter = 'Pigeonhole gives a parameter that is not there the empty value; here it has none'

/** Where the two differ, each with the reason: tests that one of them alone finds to hold. */
export const explained: Readonly<Record<string, string>> = {
  'address :contains "cc" ""': emptyGroup,
  'address :contains "cc" "E"': emptyGroup,
  'address :count "eq" :comparator "i;ascii-numeric" ["from", "to", "cc"] "5"': emptyGroup,
  'address :count "ge" :comparator "i;ascii-numeric" ["from", "to", "cc"] "5"': emptyGroup,
  'address :count "lt" :comparator "i;ascii-numeric" ["from", "to", "cc"] "5"': emptyGroup,
  'header :mime :anychild :param "charset" :matches "content-type" "*"': noParameter,
  'header :mime :anychild :param "boundary" :matches "content-type" "*"': noParameter,
}
