import { describe, expect, test } from 'vitest'
import { sieveFacts } from '../../../test/support/sieve-facts.ts'
import { holds, inShort, problemsOf, runSieve } from '../../../test/support/sieve-run.ts'

const message = [
  'Received: from a.test by b.test; Thu, 13 Feb 2025 10:00:00 +0100',
  'From: "Coyote, Wile" <coyote+acme@desert.example.org>',
  'To: roadrunner@acme.example.com, "Other" <other@Example.NET>',
  'Cc: Team: one@team.test, two@team.test;',
  'Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= from the desert',
  'X-Number: 042 things',
  'X-Folded: one',
  ' two',
  'Sender:',
  '',
  'I have a present for you.',
].join('\n')

const inCase = (text: string) => holds(text, { message })

describe('RFC 5228 §2.4: literals', () => {
  test.each([
    ['"a\\"b\\\\c"', 'a"b\\c'],
    ['"\\a"', 'a'],
    ['text:\nline\n..dot\n.\n', 'line\r\n.dot\r\n'],
    ['TEXT: # comment\n.single\n.\n', '.single\r\n'],
    [`"\${hex:40 41}\${unicode:1F600}"`, '@A😀'],
    [`"\${hex:4}\${HEX: 4 }"`, '\u0004\u0004'],
    [`"\${hex:}\${hex:xy}\${unicode:}"`, `\${hex:}\${hex:xy}\${unicode:}`],
  ])('%s is %j', async (literal, value) => {
    const outcome = await runSieve(`require ["reject", "encoded-character"]; reject ${literal};`)
    expect(outcome.actions).toMatchObject([{ kind: 'reject', reason: value }])
  })

  test('a string may not stand for a character that Unicode has not', async () => {
    expect(await problemsOf(`require "encoded-character"; redirect "\${unicode:D800}@x.test";`)).toEqual([
      '1: d800 is no Unicode character',
    ])
  })
})

describe('RFC 5228 §2.7: match types and comparators', () => {
  test.each([
    ['header "subject" "grüße FROM the desert"', true],
    ['header :comparator "i;octet" "subject" "grüße from the desert"', false],
    ['header :contains "subject" ["nothing", "DESERT"]', true],
    ['header :contains "subject" ""', true],
    ['header :contains "no-such-field" ""', false],
    ['header :matches "subject" "*e from ??? *"', true],
    ['header :matches "subject" "?rüße*"', true],
    ['header :matches "subject" "????e*"', true],
    ['header :matches "subject" "\\\\*"', false],
    ['header :is "x-folded" "one two"', true],
    ['header :comparator "i;ascii-numeric" "x-number" "42"', true],
    ['header :value "gt" :comparator "i;ascii-numeric" "x-number" "5"', true],
    ['header :value "lt" "x-number" "1"', true],
    ['header :comparator "i;ascii-numeric" "subject" "no number either"', true],
    ['header :count "eq" :comparator "i;ascii-numeric" ["to", "cc", "nope"] "2"', true],
    ['address :count "ge" :comparator "i;ascii-numeric" ["to", "cc"] "4"', true],
    ['header :comparator "i;unicode-casemap" "subject" "GRÜSSE from the DESERT"', true],
    ['header :regex "subject" "^gr(ü|u).+ (from|to) [[:alpha:]]+ d.*t$"', true],
    ['header :regex :comparator "i;octet" "subject" "^g"', false],
  ])('%s is %s', async (text, expected) => {
    expect(await inCase(text)).toBe(expected)
  })
})

describe('RFC 5228 §5: tests', () => {
  test.each([
    ['address :localpart "from" "coyote+acme"', true],
    ['address :domain "from" "DESERT.example.org"', true],
    ['address "from" "coyote+acme@desert.example.org"', true],
    ['address :contains "from" "Wile"', false],
    ['address :user "from" "coyote"', true],
    ['address :detail "from" "acme"', true],
    ['address :detail :contains "to" ""', false],
    ['address "cc" "two@team.test"', true],
    ['address :index 2 "to" "roadrunner@acme.example.com"', false],
    ['exists ["from", "TO"]', true],
    ['exists ["from", "x-nope"]', false],
    ['header "sender" ""', true],
    ['envelope "from" "sender@example.com"', true],
    ['envelope :domain ["to", "from"] "home.test"', true],
    ['envelope "auth" ""', false],
    ['size :over 10', true],
    ['size :under 1K', true],
    ['size :over 1K', false],
    ['allof (true, not false)', true],
    ['anyof (false, false)', false],
    ['not not true', true],
  ])('%s is %s', async (text, expected) => {
    expect(await inCase(text)).toBe(expected)
  })

  test('the null reverse-path is empty in all its parts', async () => {
    const envelope = { from: '', to: 'a@b.test', auth: undefined, parameters: {} }
    expect(await holds('envelope :all :is "from" ""', { envelope })).toBe(true)
    expect(await holds('envelope :domain :is "from" ""', { envelope })).toBe(true)
    expect(await holds('envelope :contains "from" "a"', { envelope })).toBe(false)
  })

  test('a message of just the size is neither over nor under', async () => {
    const { size } = sieveFacts(message).message.index
    expect(await inCase(`size :over ${size}`)).toBe(false)
    expect(await inCase(`size :under ${size}`)).toBe(false)
  })
})

describe('RFC 5228 §3, §4: control and actions', () => {
  test.each([
    ['', ['implicit keep']],
    ['keep; keep;', ['keep']],
    ['discard;', ['discard']],
    ['discard; keep;', ['discard', 'keep']],
    ['fileinto "A"; fileinto "A"; fileinto "B";', ['file A', 'file B']],
    ['fileinto "inbox"; keep;', ['file INBOX']],
    ['fileinto :copy "A";', ['file A', 'implicit keep']],
    ['fileinto :create "A";', ['file A (new)']],
    ['redirect "a@x.test";', ['redirect a@x.test']],
    [
      'redirect :copy "A Name <a@x.test>"; redirect :copy "A@x.test";',
      ['redirect a@x.test', 'implicit keep'],
    ],
    ['stop; discard;', ['implicit keep']],
    ['if true { keep; stop; } discard;', ['keep']],
    ['if false { discard; } elsif true { fileinto "A"; } else { fileinto "B"; }', ['file A']],
    ['if false { discard; } elsif false { fileinto "A"; } else { fileinto "B"; }', ['file B']],
    ['if true { if false { discard; } } else { fileinto "B"; }', ['implicit keep']],
    ['reject "No.";', ['reject No.']],
    ['ereject "No."; discard;', ['reject No.', 'discard']],
  ])('%s comes to %j', async (script, expected) => {
    expect(inShort(await runSieve(script))).toEqual(expected)
  })

  test.each([
    ['keep; reject "No.";', 'reject conflicts with an action before it, in line 1'],
    ['reject "No."; fileinto "A";', 'fileinto conflicts with the reject in line 1'],
    ['reject "No."; vacation "Away.";', 'vacation conflicts with the reject in line 1'],
    [`fileinto "\${hex:ff}";`, 'invalid folder name'],
  ])('%s stops, and the message is kept', async (script, error) => {
    const text = script.includes('hex') ? `set "x" "\${hex:ff}"; fileinto "\${x}";` : script
    const outcome = await runSieve(text)
    expect(outcome.kind).toBe('failed')
    expect(outcome.error?.message).toContain(error)
    expect(inShort(outcome)).toEqual(['implicit keep'])
  })

  test('every action says which rule and which line decided, and which tests led there', async () => {
    const script = [
      'require "fileinto";',
      '# rule:[Desert]',
      'if header :contains "subject" "desert" {',
      '  if true {',
      '    fileinto "Desert";',
      '  }',
      '}',
    ].join('\n')
    const { actions } = await runSieve(script, { message })
    expect(actions[0]?.by).toEqual({
      script: 'main',
      line: 5,
      column: 5,
      rule: 'Desert',
      because: [
        { script: 'main', line: 3, test: 'header :contains "subject" "desert"' },
        { script: 'main', line: 4, test: 'true' },
      ],
    })
  })
})
