import { describe, expect, test } from 'vitest'
import { holds, inShort, runSieve, valueOfX } from '../../../test/support/sieve-run.ts'

describe('RFC 5229: variables', () => {
  test.each([
    [`set "x" "a"; set "X" "\${x}b";`, 'ab'],
    [`set "x" "\${unset}-\${ x }-\${1a}-$x";`, `-\${ x }-\${1a}-$x`],
    ['set :upper "x" "juMBled lETteRS";', 'JUMBLED LETTERS'],
    ['set :lower :upperfirst "x" "juMBled lETteRS";', 'Jumbled letters'],
    ['set :length "x" "grün😀";', '5'],
    ['set :quotewildcard "x" "Rock*?\\\\";', 'Rock\\*\\?\\\\'],
    ['set :quoteregex "x" "a.b(c)";', 'a\\.b\\(c\\)'],
    ['set :encodeurl "x" "ü b~";', '%C3%BC%20b~'],
    [`if string :matches "file.tar.gz" "*.*" { set "x" "\${1}|\${2}|\${0}"; }`, 'file|tar.gz|file.tar.gz'],
    [`if string :matches "FooBar" "f?o*R" { set "x" "\${1}|\${2}"; }`, 'o|Ba'],
    [`if string :regex "key=value" "^([^=]+)=(.*)$" { set "x" "\${2}:\${1}"; }`, 'value:key'],
    [`if string :matches "a" "b*" {} set "x" "[\${1}]";`, '[]'],
    [`if not string :matches "ab" "b*" { if string :matches "xy" "x*" { set "x" "\${1}"; } }`, 'y'],
  ])('%s makes %j', async (commands, expected) => {
    expect(await valueOfX(commands)).toBe(expected)
  })

  test('a value is cut at its limit, between characters', async () => {
    const length = `\${a}\${a}\${a}\${a}\${a}\${a}\${a}\${a}\${a}\${a}`
    const commands = `set "a" "${'ü'.repeat(250)}"; set "x" "${length}"; set :length "x" "\${x}";`
    expect(await valueOfX(commands)).toBe('2000')
  })
})

describe('RFC 5232: flags', () => {
  test.each([
    ['setflag "\\\\Seen"; keep;', ['keep (\\Seen)']],
    ['addflag ["\\\\Seen", "a b"]; removeflag "A"; fileinto "X";', ['file X (\\Seen b)']],
    ['addflag "\\\\seen"; addflag "\\\\Seen"; keep;', ['keep (\\seen)']],
    ['setflag "a"; keep :flags "\\\\Flagged";', ['keep (\\Flagged)']],
    ['setflag "a"; fileinto :copy "X";', ['file X (a)', 'implicit keep (a)']],
    [`setflag "v" "a"; keep :flags "\${v}";`, ['keep (a)']],
    ['setflag "\\\\Recent \\\\Nope fine"; keep;', ['keep (fine)']],
    ['setflag "a b"; if hasflag :count "eq" :comparator "i;ascii-numeric" "2" { discard; }', ['discard']],
    ['setflag "a b"; if hasflag :contains "B" { discard; }', ['discard']],
  ])('%s comes to %j', async (script, expected) => {
    expect(inShort(await runSieve(script))).toEqual(expected)
  })
})

describe('RFC 5260: date', () => {
  const message =
    'Date: Thu, 13 Feb 2025 23:30:00 +0100\nReceived: from a; Fri, 14 Feb 2025 01:00:00 +0000\n\n'
  const owner = { address: 'a@b.test', displayedName: '', addresses: [], timeZone: 'Europe/Berlin' }
  test.each([
    ['date "date" "date" "2025-02-13"', true],
    ['date :zone "+0200" "date" "date" "2025-02-14"', true],
    ['date :originalzone "date" "zone" "+0100"', true],
    ['date :zone "-0500" "date" "hour" "17"', true],
    ['date :originalzone "date" "iso8601" "2025-02-13T23:30:00+01:00"', true],
    ['date :originalzone "date" "std11" "Thu, 13 Feb 2025 23:30:00 +0100"', true],
    ['date :originalzone "date" "julian" "60719"', true],
    ['date :originalzone "date" "weekday" "4"', true],
    ['date :index 1 :zone "+0000" "received" "time" "01:00:00"', true],
    ['date "x-nope" "year" "2025"', false],
    ['currentdate :value "ge" "date" "2025-02-13"', true],
    ['currentdate "hour" "11"', true],
    ['currentdate :zone "+0000" "hour" "10"', true],
  ])('%s is %s', async (text, expected) => {
    expect(await holds(text, { message, owner })).toBe(expected)
  })
})

describe('RFC 5173: body', () => {
  const message = [
    'Content-Type: multipart/mixed; boundary=b',
    '',
    'prologue',
    '--b',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from('Grüße an alle').toString('base64'),
    '--b',
    'Content-Type: text/html',
    '',
    '<p>Hello <b>wor</b>ld</p>',
    '--b--',
    'epilogue',
  ].join('\n')
  test.each([
    ['body :contains "GrüßE"', true],
    ['body :text :contains "hello world"', true],
    ['body :text :contains "<p>"', false],
    ['body :raw :contains "<p>Hello"', true],
    ['body :raw :contains "Grüße"', false],
    ['body :content "text/html" :contains "<b>wor</b>ld"', true],
    ['body :content "text" :contains "alle"', true],
    ['body :content "multipart" :contains "prologue"', true],
    ['body :content "multipart/mixed" :contains "epilogue"', true],
    ['body :content "image/png" :contains ""', false],
  ])('%s is %s', async (text, expected) => {
    expect(await holds(text, { message })).toBe(expected)
  })
})

describe('RFC 5703: parts', () => {
  const message = [
    'From: a@b.test',
    'Subject: parts',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain',
    '',
    'first',
    '--b',
    'Content-Type: application/exe; name="x.exe"',
    'Content-Disposition: attachment; filename="x.exe"',
    '',
    'MZ',
    '--b--',
    '',
  ].join('\n')

  test.each([
    ['header :mime :anychild :subtype "content-type" "exe"', true],
    ['header :mime :subtype "content-type" "exe"', false],
    ['header :mime :anychild :param "filename" :matches "content-disposition" "*.exe"', true],
    ['header :mime :anychild :contenttype "content-type" "application/exe"', true],
    ['exists :mime :anychild "content-disposition"', true],
    ['exists "content-disposition"', false],
  ])('%s is %s', async (text, expected) => {
    expect(await holds(text, { message })).toBe(expected)
  })

  test('a loop meets every part, and break leaves the loop it names', async () => {
    const count = `foreverypart { set "x" "\${x}i"; foreverypart { set "x" "\${x}o"; } } foreverypart :name "l" { foreverypart { set "x" "\${x}!"; break :name "l"; } }`
    expect(await valueOfX(count, { message })).toBe('iooii!')
  })

  test('a replaced part is what is filed, and the message came as it was for the action before', async () => {
    const script =
      'fileinto "A"; foreverypart { if header :mime :subtype "content-type" "exe" { replace "gone"; } } fileinto "B";'
    const outcome = await runSieve(script, { message })
    const [a, b] = outcome.actions
    expect(a).toMatchObject({ mailbox: 'A', version: 0 })
    const version = b?.kind === 'file' ? outcome.versions[b.version] : undefined
    const body = Buffer.from(version?.body ?? []).toString()
    expect(body).toContain('first')
    expect(body).toContain('gone')
    expect(body).not.toContain('MZ')
  })

  test('an enclosed message is whole in the new one', async () => {
    const outcome = await runSieve('enclose :subject "Wrapped" "See below."; keep;', { message })
    const version = outcome.versions.at(-1)
    expect(Buffer.from(version?.header ?? []).toString()).toContain('Subject: Wrapped')
    expect(Buffer.from(version?.body ?? []).toString()).toMatch(/See below\.[\s\S]+Subject: parts[\s\S]+MZ/)
  })

  test('extracttext puts the text of a part into a variable', async () => {
    const script =
      'foreverypart { if header :mime :type "content-type" "text" { extracttext :first 3 :upper "x"; } }'
    expect(await valueOfX(script, { message })).toBe('FIR')
  })
})

describe('RFC 5293: editheader', () => {
  const headerOf = async (script: string) => {
    const outcome = await runSieve(script, { message: 'Received: x\nA: 1\nA: 2\nSubject: s\n\nbody\n' })
    return Buffer.from(outcome.versions.at(-1)?.header ?? []).toString()
  }
  test.each([
    ['addheader "X-New" "v"; keep;', 'X-New: v\r\nReceived: x\r\nA: 1\r\nA: 2\r\nSubject: s\r\n\r\n'],
    ['addheader :last "X-New" "v"; keep;', 'Received: x\r\nA: 1\r\nA: 2\r\nSubject: s\r\nX-New: v\r\n\r\n'],
    ['deleteheader "A"; keep;', 'Received: x\r\nSubject: s\r\n\r\n'],
    ['deleteheader :index 1 :last "A"; keep;', 'Received: x\r\nA: 1\r\nSubject: s\r\n\r\n'],
    ['deleteheader :contains "a" "2"; keep;', 'Received: x\r\nA: 1\r\nSubject: s\r\n\r\n'],
    ['deleteheader "Received"; keep;', ''],
    [
      'addheader "X-New" "ü\r\nEvil: 1"; keep;',
      'X-New: =?utf-8?B?w7w=?= Evil: 1\r\nReceived: x\r\nA: 1\r\nA: 2\r\nSubject: s\r\n\r\n',
    ],
  ])('%s makes %j', async (script, expected) => {
    expect(await headerOf(script)).toBe(expected)
  })

  test('a test behind it sees the change', async () => {
    expect(await holds('true { addheader "X" "1"; } if exists "x"')).toBe(true)
  })
})

describe('RFC 5490, RFC 8579, RFC 9042: mailboxes', () => {
  const mailboxes = [
    { name: 'INBOX', id: 'm1', specialUse: [], metadata: { '/private/vendor/x': 'on' } },
    { name: 'Archiv', id: 'm2', specialUse: ['\\Archive'], metadata: {} },
    { name: '', id: '', specialUse: [], metadata: { '/shared/admin': 'mailto:a@b.test' } },
  ]
  test.each([
    ['mailboxexists ["inbox", "Archiv"]', true],
    ['mailboxexists "Nope"', false],
    ['mailboxidexists "m2"', true],
    ['specialuse_exists "\\\\archive"', true],
    ['specialuse_exists "INBOX" "\\\\Archive"', false],
    ['metadata "INBOX" "/private/vendor/x" "on"', true],
    ['metadataexists "INBOX" ["/private/vendor/x", "/private/y"]', false],
    ['servermetadata :contains "/shared/admin" "b.test"', true],
  ])('%s is %s', async (text, expected) => {
    expect(await holds(text, { mailboxes })).toBe(expected)
  })

  test.each([
    ['fileinto :specialuse "\\\\Archive" "Other";', ['file Archiv']],
    ['fileinto :specialuse "\\\\Junk" :create "Spam";', ['file Spam (new)']],
    ['fileinto :mailboxid "m2" "Other";', ['file Archiv']],
    ['fileinto :mailboxid "m9" "Other";', ['file Other']],
  ])('%s comes to %j', async (script, expected) => {
    expect(inShort(await runSieve(script, { mailboxes }))).toEqual(expected)
  })
})

describe('RFC 5235, RFC 5183, RFC 6134, RFC 6009: what is known around the message', () => {
  const envelope = {
    from: 'a@b.test',
    to: 'c@d.test',
    auth: 'ann',
    parameters: { notify: 'SUCCESS,DELAY', envid: 'QQ' },
  }
  const lists = [{ name: ':addrbook:default', members: ['Friend@x.test'] }]
  const facts = {
    envelope,
    lists,
    environment: { 'imap.cause': 'COPY' },
    spam: { spamPercent: 80, virus: 1 as const },
    message: 'From: friend@x.test\n\n',
  }
  test.each([
    ['spamtest :value "ge" :comparator "i;ascii-numeric" "8"', true],
    ['spamtest :percent :value "gt" :comparator "i;ascii-numeric" "80"', false],
    ['virustest "1"', true],
    ['environment "imap.cause" "copy"', true],
    ['environment :contains "x-unknown" ""', false],
    ['envelope "auth" "ann"', true],
    ['envelope "notify" "DELAY"', true],
    ['envelope "envid" "QQ"', true],
    ['address :list "from" ":addrbook:default"', true],
    ['address :list "from" "URN:ietf:params:sieve:addrbook:default"', true],
    ['valid_ext_list [":addrbook:default", "x"]', false],
  ])('%s is %s', async (text, expected) => {
    expect(await holds(text, facts)).toBe(expected)
  })

  test('redirect carries what a DSN asks for, and reaches the members of a list', async () => {
    const script =
      'redirect :notify "delay,failure" :ret "hdrs" :bytimerelative 60 :bymode "return" :list ":addrbook:default";'
    const { actions } = await runSieve(script, { ...facts, now: 1_000_000 })
    expect(actions).toMatchObject([
      {
        ...{ kind: 'redirect', to: 'Friend@x.test', notify: 'DELAY,FAILURE', ret: 'HDRS' },
        deliverBy: { at: 1_060_000, mode: 'return', trace: false },
      },
    ])
  })
})

describe('RFC 6609: include', () => {
  const library = [
    { location: 'personal' as const, name: 'stop', text: 'require "reject"; reject "stopped"; stop;' },
    { location: 'personal' as const, name: 'back', text: 'require "include"; return; discard;' },
    {
      location: 'global' as const,
      name: 'give',
      text: `require ["include", "variables"]; global "x"; set "x" "\${x}given"; set "y" "own";`,
    },
  ]
  test.each([
    ['include "back"; discard;', ['discard']],
    ['include "stop"; discard;', ['reject stopped']],
    ['include :optional "nope"; discard;', ['discard']],
    [`global "x"; include :global "give"; reject "\${x}|\${y}|\${global.x}";`, ['reject given||given']],
    [`include :global :once "give"; include :global :once "give"; reject "\${global.x}";`, ['reject given']],
  ])('%s comes to %j', async (script, expected) => {
    expect(inShort(await runSieve(script, { library }))).toEqual(expected)
  })

  test('a script that is not there stops the one that wants it, and the message is kept', async () => {
    const outcome = await runSieve('discard; include "nope";')
    expect(outcome.error?.message).toBe("the included script 'nope' does not exist")
    expect(inShort(outcome)).toEqual(['implicit keep'])
  })

  test('a script cannot include itself, however far around', async () => {
    const circle = [
      { location: 'personal' as const, name: 'a', text: 'require "include"; include "b";' },
      { location: 'personal' as const, name: 'b', text: 'require "include"; include "a";' },
    ]
    await expect(runSieve('include "a";', { library: circle })).rejects.toThrow("circular include of 'a'")
  })
})
