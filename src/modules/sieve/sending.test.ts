import { describe, expect, test } from 'vitest'
import { sieveSettings } from '../../../test/support/sieve-facts.ts'
import { inShort, runSieve } from '../../../test/support/sieve-run.ts'

const mail = (...fields: readonly string[]) =>
  [...fields, 'From: Ann <ann@else.test>', 'Subject: Hi there', 'Message-ID: <1@else.test>', '', 'x'].join(
    '\n',
  )
const envelope = {
  ...{ from: 'ann@else.test', to: 'nico@home.test', auth: undefined },
  parameters: {},
}
const toMe = mail('To: nico@home.test')

const sent = async (script: string, message = toMe, more = {}) => {
  const { actions } = await runSieve(script, { message, envelope, ...more })
  return actions.flatMap((action) => (action.kind === 'send' ? [action] : []))
}

describe('RFC 5230: vacation', () => {
  test('answers the envelope sender with what RFC 3834 asks for, once in seven days', async () => {
    const [reply] = await sent('vacation "Away until Monday.";')
    expect(reply).toMatchObject({ purpose: 'vacation', from: '', to: ['ann@else.test'] })
    expect(reply?.once?.until).toBe(Date.UTC(2025, 1, 20, 10, 0, 0))
    expect(reply?.message).toContain('To: "Ann" <ann@else.test>\r\n')
    expect(reply?.message).toContain('From: nico@home.test\r\n')
    expect(reply?.message).toContain('Subject: Auto: Hi there\r\n')
    expect(reply?.message).toContain('In-Reply-To: <1@else.test>\r\nReferences: <1@else.test>\r\n')
    expect(reply?.message).toContain('Auto-Submitted: auto-replied (vacation)\r\n')
    expect(reply?.message).toMatch(/\r\n\r\nAway until Monday\.\r\n$/)
  })

  test('keeps the message', async () => {
    expect(inShort(await runSieve('vacation "x";', { message: toMe, envelope }))).toEqual([
      'vacation to ann@else.test',
      'implicit keep',
    ])
  })

  test.each([
    ['the null reverse-path', toMe, { from: '' }],
    ['the own address', toMe, { from: 'Nico@home.test' }],
    ['a mailer daemon', toMe, { from: 'MAILER-DAEMON@else.test' }],
    ['the owner of a list', toMe, { from: 'owner-list@else.test' }],
    ['a list server', toMe, { from: 'list-request@else.test' }],
    ['a mailing list', mail('To: nico@home.test', 'List-Id: <l.test>'), {}],
    ['an automatic answer', mail('To: nico@home.test', 'Auto-Submitted: auto-replied'), {}],
    ['bulk mail', mail('To: nico@home.test', 'Precedence: bulk'), {}],
    ['who wants no answers', mail('To: nico@home.test', 'X-Auto-Response-Suppress: OOF, DR'), {}],
    ['mail to somebody else', mail('To: other@home.test'), {}],
    ['mail to nobody in particular', mail(), {}],
  ])('does not answer %s', async (_, message, change) => {
    expect(await sent('vacation "x";', message, { envelope: { ...envelope, ...change } })).toEqual([])
  })

  test.each([
    ['Cc', mail('Cc: a@b.test, Nico <NICO@home.test>')],
    ['Resent-To', mail('Resent-To: nico@home.test')],
    ['Auto-Submitted: no', mail('To: nico@home.test', 'Auto-Submitted: no')],
  ])('answers where %s says so', async (_, message) => {
    expect(await sent('vacation "x";', message)).toHaveLength(1)
  })

  test('answers for the addresses that the script names', async () => {
    const script = 'vacation :addresses ["Me <other@home.test>"] "x";'
    expect(await sent(script, mail('To: other@home.test'))).toHaveLength(1)
  })

  test('takes subject, sender and MIME body from the script', async () => {
    const script =
      'vacation :subject "Grüße" :from "\\"Nico, Ü\\" <n@home.test>" :mime text:\nContent-Type: text/html\n\n<b>x</b>\n.\n;'
    const [reply] = await sent(script)
    expect(reply?.message).toContain('Subject: =?utf-8?B?R3LDvMOfZQ==?=\r\n')
    expect(reply?.message).toMatch(/From: =\?utf-8\?B\?[^?]+\?= <n@home\.test>\r\n/)
    expect(reply?.message).toMatch(/MIME-Version: 1\.0\r\nContent-Type: text\/html\r\n\r\n<b>x<\/b>\r\n$/)
  })

  test('a subject cannot bring in other fields', async () => {
    const [reply] = await sent('vacation :subject "a\r\nBcc: x@y.test" "x";')
    expect(reply?.message).toContain('Subject: a Bcc: x@y.test\r\n')
  })

  test.each([
    [':days 1', 86_400],
    [':days 0', 86_400],
    [':days 100000', 5_184_000],
    [':seconds 3600', 86_400],
  ])('%s is remembered for %i seconds', async (tag, seconds) => {
    const [reply] = await sent(`vacation ${tag} "x";`)
    expect(reply?.once?.until).toBe(Date.UTC(2025, 1, 13, 10, 0, 0) + seconds * 1000)
  })

  test('RFC 6131: zero seconds answer always, where the settings allow it', async () => {
    const settings = { ...sieveSettings, vacation: { ...sieveSettings.vacation, minSeconds: 0 } }
    const [reply] = await sent('vacation :seconds 0 "x";', toMe, { settings })
    expect(reply?.once).toBeUndefined()
  })

  test('another sender, text or handle is another memory', async () => {
    const key = async (script: string, from = 'ann@else.test') =>
      (await sent(script, toMe, { envelope: { ...envelope, from } }))[0]?.once?.key
    const keys = await Promise.all([
      key('vacation "x";'),
      key('vacation "x";', 'bob@else.test'),
      key('vacation "y";'),
      key('vacation :handle "h" "x";'),
    ])
    expect(new Set(keys).size).toBe(4)
    expect(await key('vacation :handle "h" "other";')).toBe(keys[3])
    expect(await key('vacation "x";', 'ANN@else.test')).toBe(keys[0])
  })

  test('RFC 8580: a copy can be filed', async () => {
    const [reply] = await sent('vacation :fcc "Sent" :create :flags "\\\\Seen" "x";')
    expect(reply?.copy).toEqual({ mailbox: 'Sent', create: true, flags: ['\\Seen'] })
  })
})

describe('RFC 5435, RFC 5436: notify', () => {
  test('sends what the URI says', async () => {
    const [note] = await sent(
      'notify :importance "1" "mailto:me@phone.test?subject=Mail%20for%20you&body=Look&X-Tag=a&From=evil@x.test";',
    )
    expect(note).toMatchObject({ purpose: 'notification', from: 'nico@home.test', to: ['me@phone.test'] })
    expect(note?.message).toContain('Subject: Mail for you\r\n')
    expect(note?.message).toContain('X-Priority: 1 (Highest)\r\n')
    expect(note?.message).toContain('Auto-Submitted: auto-notified; owner-email="nico@home.test"\r\n')
    expect(note?.message).toContain('X-Tag: a\r\n')
    expect(note?.message).not.toContain('evil')
    expect(note?.message).toMatch(/\r\n\r\nLook\r\n$/)
  })

  test('does not tell of automatic mail, and tells nobody twice', async () => {
    expect(await sent('notify "mailto:a@b.test";', mail('Auto-Submitted: auto-generated'))).toEqual([])
    const notes = await sent('notify "mailto:a@b.test"; notify "mailto:A@b.test,c@d.test";')
    expect(notes.map(({ to }) => to)).toEqual([['a@b.test'], ['c@d.test']])
  })
})

describe('RFC 7352: duplicate', () => {
  const script = 'if duplicate { discard; }'

  test('a new message leaves a guard, and is kept', async () => {
    const outcome = await runSieve(script, { message: toMe })
    expect(inShort(outcome)).toEqual(['implicit keep'])
    expect(outcome.guards).toMatchObject([{ until: Date.UTC(2025, 1, 13, 22, 0, 0), renew: false }])
  })

  test('evaluated again with the guard among what was seen, it is a duplicate', async () => {
    const { guards } = await runSieve(script, { message: toMe })
    const again = await runSieve(script, { message: toMe, seen: guards.map(({ key }) => key) })
    expect(inShort(again)).toEqual(['discard'])
    expect(again.guards).toEqual([])
  })

  test.each([
    ['duplicate :handle "other"', true],
    ['duplicate :header "subject"', true],
    ['duplicate :uniqueid "own"', true],
    ['duplicate :seconds 60', false],
    ['duplicate :header "x-nope"', undefined],
  ])('%s has another key: %s', async (text, isOther) => {
    const key = async (test: string) =>
      (await runSieve(`if ${test} { discard; }`, { message: toMe })).guards[0]?.key
    const [own, plain] = await Promise.all([key(text), key('duplicate')])
    expect(own === undefined ? undefined : own !== plain).toBe(isOther)
  })
})
