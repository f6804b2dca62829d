import { describe, expect, test } from 'vitest'
import {
  asAnn,
  dataFolder,
  inbox,
  keysIn,
  type SendingStage,
  soon,
  startSending,
  stranger,
  type Words,
} from './outgoing-kit.ts'

async function start(sending: { rules?: Words; extensions?: readonly string[] } = {}): Promise<SendingStage> {
  const dataDir = dataFolder()
  const zones = {
    'example.test': {
      lines: [
        'example.test. 300 MX 20 mail.example.test.',
        'example.test. 300 TXT "v=spf1 mx a:mail.example.test ~all"',
        'mail.example.test. 300 A 127.0.0.1',
        '_dmarc.example.test. 300 TXT "v=DMARC1; p=quarantine; adkim=s; aspf=s"',
        ...keysIn(dataDir),
      ],
    },
  }
  return startSending({ extensions: ['8BITMIME'], ...sending, zones, dataDir })
}

test('what ann sends is signed twice, and proves itself when it comes back from elsewhere', async () => {
  const at = await start()
  const text = 'Grüße,  von weit.\n\n\n'
  await asAnn(at).sendMail({ from: 'Änn <ann@example.test>', to: 'x@far.test', subject: 'Hi', text })
  await expect.poll(() => at.far.messages.length, soon).toBe(1)
  const [sent = ''] = at.far.messages
  expect(sent.match(/^DKIM-Signature: /gm)).toHaveLength(2)

  const forged = 'Authentication-Results: mail.example.test; dmarc=pass (forged)\r\n'
  const envelope = { from: 'list@far.test', to: 'bob@example.test' }
  await stranger(at).sendMail({ envelope, raw: forged + sent })
  await stranger(at).sendMail({ envelope, raw: forged + sent.replace('Subject: Hi', 'Subject: Ho') })
  const [good = '', bad = ''] = (await inbox(at, 'bob')).map((mail) => mail.replaceAll('\r\n', '\n'))
  expect(good).toMatch(/^Authentication-Results: mail\.example\.test;\n\tiprev=/m)
  expect(good.match(/dkim=pass header\.d=example\.test/g)).toHaveLength(2)
  expect(good).toContain('dmarc=pass header.from=example.test policy.dmarc=quarantine')
  expect(bad.match(/dkim=fail/g)).toHaveLength(2)
  expect(bad).toContain('dmarc=fail')
  expect(good + bad).not.toContain('forged')
}, 60_000)

test('for a server that takes 7 bits only the message is rewritten, and its signatures hold all the same', async () => {
  const at = await start({ extensions: [] })
  await asAnn(at).sendMail({
    envelope: { from: 'ann@example.test', to: 'x@far.test' },
    raw: 'From: ann@example.test\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGrüße\r\n',
  })
  await expect.poll(() => at.far.messages.length, soon).toBe(1)
  const [sent = ''] = at.far.messages
  expect(sent).toContain('Content-Transfer-Encoding: base64\r\n')
  expect(sent.match(/^DKIM-Signature: /gm)).toHaveLength(2)
  await stranger(at).sendMail({ envelope: { from: 'list@far.test', to: 'bob@example.test' }, raw: sent })
  const [back = ''] = await inbox(at, 'bob')
  expect(back.match(/dkim=pass\s+header\.d=example\.test/g)).toHaveLength(2)
}, 60_000)

describe('what this server writes itself proves itself to those who are strict', () => {
  /** What leaves comes back, as from another server. */
  async function proof(at: SendingStage): Promise<string> {
    await expect.poll(() => at.far.messages.length, soon).toBe(1)
    const [raw = ''] = at.far.messages
    expect(raw.split('\r\n\r\n')[0]?.match(/^DKIM-Signature: /gm)).toHaveLength(2)
    await stranger(at).sendMail({ envelope: { from: '', to: 'bob@example.test' }, raw })
    return (await inbox(at, 'bob')).at(-1) ?? ''
  }

  test('a report on what could not be delivered', async () => {
    const at = await start({ rules: { 'RCPT TO:<x@': '550 5.1.1 Nobody of this name' } })
    await at.homepost(['alias', 'add', 'list@example.test', 'ann@example.test', 'y@near.test'])
    const envelope = { from: 'list@example.test', to: 'x@far.test' }
    const raw = 'From: list@example.test\r\nSubject: Hi\r\n\r\nThere.\r\n'
    await asAnn(at).sendMail({ envelope, raw })
    const report = await proof(at)
    expect(report).toMatch(/^From: Mail delivery <MAILER-DAEMON@example\.test>/m)
    expect(report).toContain('dmarc=pass header.from=example.test')
  }, 60_000)

  test.each([
    ['ereject', 'From: Mail delivery <MAILER-DAEMON@example.test>'],
    ['reject', 'From: <ann@example.test>'],
  ])(
    'a refusal by a rule: %s',
    async (command, from) => {
      const at = await start()
      const script = `require "${command}"; ${command} "Not for me.";`
      expect(
        (await at.homepost(['sieve', 'put', 'ann@example.test', 'no', '-', '--activate'], script)).code,
      ).toBe(0)
      await stranger(at).sendMail({
        from: 'eve@far.test',
        to: 'ann@example.test, bob@example.test',
        text: 'Buy',
      })
      const report = await proof(at)
      expect(report).toContain(from)
      expect(report).toContain('dmarc=pass header.from=example.test')
    },
    60_000,
  )
})

test('homepost says what to publish, and what of it is there', async () => {
  const at = await start()
  const { stdout, code } = await at.homepost(['domain', 'dns', 'example.test', '--json'])
  expect(code).toBe(0)
  const records: { name: string; type: string; state: string; found: string[] }[] = JSON.parse(stdout)
  const states = Object.fromEntries(records.map(({ name, type, state }) => [`${name} ${type}`, state]))
  expect(states).toMatchObject({
    'example.test MX': 'other',
    'example.test TXT': 'published',
    'dkim._domainkey.example.test TXT': 'published',
    'dkim-ed25519._domainkey.example.test TXT': 'published',
    '_dmarc.example.test TXT': 'other',
    '_smtp._tls.example.test TXT': 'missing',
    '_imaps._tcp.example.test SRV': 'missing',
  })
  expect(records.find(({ type }) => type === 'MX')?.found).toEqual(['20 mail.example.test.'])
  const zone = await at.homepost(['domain', 'dns', 'example.test', '--zone'])
  expect(zone.stdout).toContain('example.test. 600 IN MX 10 mail.example.test.\n')
}, 60_000)

test('keys are replaced in steps, and none signs before DNS has it', async () => {
  const at = await start()
  const say = async (...words: string[]) => {
    const { code, stdout, stderr } = await at.homepost(['dkim', ...words])
    return { code, text: stdout + stderr }
  }
  expect(await say('generate', 'example.test')).toMatchObject({ code: 1 })
  const prepared = await say('prepare', 'example.test')
  expect(prepared.text).toMatch(/^dkim-\d{8}\._domainkey\.example\.test\. 600 IN TXT "v=DKIM1; k=rsa; p=/m)
  expect(await say('advance', 'example.test')).toMatchObject({
    code: 1,
    text: expect.stringContaining('missing'),
  })
  expect(await say('advance', 'example.test', '--unchecked')).toMatchObject({ code: 0 })
  expect((await say('list')).text).toMatch(/dkim +rsa +retired/)
  expect(await say('retire', 'example.test')).toMatchObject({ code: 1 })
  expect(await say('retire', 'example.test', '--now')).toMatchObject({ code: 0 })
  expect((await say('list')).text).not.toContain('retired')
}, 60_000)
