import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { RawClient } from '../clients/support/raw.ts'
import { issue } from '../support/certificates.ts'
import { playing, playingTls, scriptedServer } from '../support/scripted-server.ts'
import { asAnn, asBob, inbox, soon, startSending, stranger } from './outgoing-kit.ts'

test('what somebody who signed in sends reaches the other server, and only what he wrote', async () => {
  const at = await startSending()
  const to = 'x@far.test, y@far.test, bob@example.test'
  await asAnn(at).sendMail({ from: 'ann@example.test', to, subject: 'Hi', text: 'There.' })
  await expect.poll(() => at.far.messages.length, soon).toBe(1)
  expect(
    at.far.lines.filter((line) => /^(MAIL|RCPT)/.test(line)).map((line) => line.split(' SIZE')[0]),
  ).toEqual(['MAIL FROM:<ann@example.test>', 'RCPT TO:<x@far.test>', 'RCPT TO:<y@far.test>'])
  expect(at.far.messages[0]).toMatch(/^Received: .*\r\nSubject: Hi\r\n.*\r\n\r\nThere\.\r\n$/s)
  expect(at.far.messages[0]).not.toMatch(/^(Return-Path|Delivered-To|Bcc):/m)
  expect(await inbox(at, 'bob')).toHaveLength(1)
})

test('strangers send nowhere but to our own people', async () => {
  const at = await startSending()
  const sending = stranger(at).sendMail({ from: 'eve@near.test', to: 'x@far.test', text: 'Relay me' })
  await expect(sending).rejects.toMatchObject({ responseCode: 554 })
  expect(at.far.lines).toEqual([])
})

test('a network in RELAYNETS may send anywhere', async () => {
  const at = await startSending({ env: { RELAYNETS: '127.0.0.0/8' } })
  await stranger(at).sendMail({ from: 'printer@near.test', to: 'x@far.test', text: 'Scan' })
  await expect.poll(() => at.far.messages.length, soon).toBe(1)
})

test('what another server refuses comes back with its words', async () => {
  const at = await startSending({ rules: { 'RCPT TO:<x@': '550 5.1.1 Nobody of this name' } })
  await asAnn(at).sendMail({ from: 'ann@example.test', to: 'x@far.test', subject: 'Hi', text: 'There.' })
  await expect.poll(async () => (await inbox(at, 'ann')).length, soon).toBe(1)
  const [report = ''] = await inbox(at, 'ann')
  expect(report).toContain('Return-Path: <>')
  expect(report).toContain('Final-Recipient: rfc822; x@far.test')
  expect(report).toContain('Status: 5.1.1')
  expect(report).toMatch(/said: 550 5\.1\.1 Nobody\s+of\s+this\s+name/)
})

test('who wants to hear of success hears it, of a mailbox here and of a server that does not report', async () => {
  const at = await startSending()
  await asAnn(at).sendMail({
    from: 'ann@example.test',
    to: ['bob@example.test', 'x@far.test'],
    subject: 'Hi',
    text: 'There.',
    dsn: { id: 'e1', return: 'headers', notify: 'success', recipient: 'ann@example.test' },
  })
  await expect.poll(async () => (await inbox(at, 'ann')).length, soon).toBe(2)
  const reports = (await inbox(at, 'ann')).join('\n')
  expect(reports).toMatch(
    /Original-Envelope-Id: e1\r\n.*Final-Recipient: rfc822; bob@example\.test\r\nAction: delivered/s,
  )
  expect(reports).toMatch(/Final-Recipient: rfc822; x@far\.test\r\nAction: relayed/)
})

test('what is to go out later waits for everybody, and can be sent at once after all', async () => {
  const at = await startSending({ env: { TLS_FLAVOR: 'notls' } })
  const client = await RawClient.open(at.ports.submission)
  await client.until(/220 .*\r\n/)
  await client.say('EHLO x', /250 AUTH.*\r\n/)
  await client.say(`AUTH PLAIN ${Buffer.from('\0ann@example.test\0pw').toString('base64')}`, /235.*\r\n/)
  await client.say('MAIL FROM:<ann@example.test> HOLDFOR=86400', /250.*\r\n/)
  await client.say('RCPT TO:<bob@example.test>', /250.*\r\n/)
  await client.say('RCPT TO:<x@far.test>', /250.*\r\n/)
  await client.say('DATA', /354.*\r\n/)
  await client.say('Subject: Tomorrow\r\n\r\nHi.\r\n.', /250.*\r\n/)
  client.socket.destroy()
  const rows = JSON.parse((await at.homepost(['queue', 'list', '--json'])).stdout) as { due: number }[]
  expect(rows.map(({ due }) => Math.round((due - Date.now()) / 3_600_000))).toEqual([24, 24])
  expect(at.far.messages).toEqual([])
  await at.homepost(['queue', 'retry', 'all'])
  await expect.poll(() => at.far.messages.length, soon).toBe(1)
  await expect.poll(() => at.output(), soon).toMatch(/"to":"bob@example.test".*"text":"Delivered here"/)
})

test('a forward leaves under an address of ours, and its bounce goes to whom it was from', async () => {
  const at = await startSending()
  await at.homepost(['alias', 'add', 'away@example.test', 'x@far.test'])
  await stranger(at).sendMail({ from: 'eve@near.test', to: 'away@example.test', text: 'For you' })
  await expect.poll(() => at.far.messages.length, soon).toBe(1)
  const [, returnPath = ''] = /MAIL FROM:<(srs0=[^>]+@example\.test)>/.exec(at.far.lines.join('\n')) ?? []
  await stranger(at).sendMail({ envelope: { from: '', to: returnPath }, text: 'No such user' })
  await expect.poll(() => at.far.messages.length, soon).toBe(2)
  expect(at.far.lines.join('\n')).toMatch(/MAIL FROM:<>.*RCPT TO:<eve@near\.test>/s)
})

test('the queue can be seen, held, sent elsewhere and emptied', async () => {
  const at = await startSending({ rules: { 'RCPT TO:<x@far': '450 4.2.0 Not now' } })
  await asAnn(at).sendMail({ from: 'ann@example.test', to: 'x@far.test', text: 'There.' })
  const list = async () =>
    JSON.parse((await at.homepost(['queue', 'list', '--json'])).stdout) as {
      attempts: number
      held: boolean
    }[]
  await expect.poll(async () => (await list())[0]?.attempts, soon).toBe(1)
  expect((await at.homepost(['queue', 'list'])).stdout).toMatch(
    /x@far\.test +ann@example\.test .*450 4\.2\.0 Not now/,
  )
  expect((await at.homepost(['queue', 'hold', 'far.test'])).stdout).toBe('1 held.\n')
  expect((await list())[0]).toMatchObject({ held: true })
  expect((await at.homepost(['queue', 'retry', 'all'])).stdout).toBe('1 tried now.\n')
  await expect.poll(async () => (await list())[0]?.attempts, soon).toBe(2)

  const other = { lines: [] as string[], messages: [] as string[] }
  const port = await scriptedServer(playing([], {}, other))
  expect((await at.homepost(['queue', 'reroute', `127.0.0.1:${port}`, 'x@far.test'])).stdout).toBe(
    '1 sent that way.\n',
  )
  await expect.poll(() => other.messages.length, soon).toBe(1)
  await expect.poll(list, soon).toEqual([])
})

test('who bursts is held until somebody has looked, and then sent or thrown away', async () => {
  const at = await startSending({ env: { OUTBOUND_BRAKE: '2/hour' } })
  const send = (to: string) => asAnn(at).sendMail({ from: 'ann@example.test', to, text: 'Buy' })
  for (const name of ['a', 'b', 'c', 'd']) await send(`${name}@far.test`)
  await expect.poll(() => at.far.messages.length, soon).toBe(2)
  expect(at.output()).toContain('"account.braked"')
  await asBob(at).sendMail({ from: 'bob@example.test', to: 'x@far.test', text: 'Hi' })
  await expect.poll(() => at.far.messages.length, soon).toBe(3)
  expect((await at.homepost(['queue', 'drop', 'd@far.test'])).stdout).toBe('1 dropped.\n')
  expect((await at.homepost(['queue', 'release', 'ann@example.test'])).stdout).toBe('1 released.\n')
  await expect.poll(() => at.far.messages.length, soon).toBe(4)
  expect(at.far.lines.filter((line) => line.startsWith('RCPT')).sort()).toEqual(
    ['a', 'b', 'c', 'x'].map((name) => `RCPT TO:<${name}@far.test>`),
  )
})

test('more strangers than anybody writes to in a day have to wait; those who were written to do not', async () => {
  const at = await startSending({ env: { OUTBOUND_NEW_RECIPIENTS: '1/day' } })
  const send = (to: string) => asAnn(at).sendMail({ from: 'ann@example.test', to, text: 'Hi' })
  await send('a@far.test')
  await expect(send('b@far.test')).rejects.toMatchObject({ responseCode: 450 })
  await send('a@far.test')
  await expect.poll(() => at.far.messages.length, soon).toBe(2)
})

test('what must go over TLS all the way comes back from a server that cannot promise it', async () => {
  const at = await startSending()
  await asAnn(at).sendMail({
    from: 'ann@example.test',
    to: 'x@far.test',
    text: 'Secret',
    requireTLSExtensionEnabled: true,
  } as object)
  await expect.poll(async () => (await inbox(at, 'ann')).length, soon).toBe(1)
  const [report = ''] = await inbox(at, 'ann')
  expect(report).toContain('Status: 5.7.30')
  expect(report).not.toContain('Secret')
  expect(at.far.messages).toEqual([])
})

test('ann’s mail leaves by a server of her own, where she signs in; bob’s does not', async () => {
  const at = await startSending()
  const relay = { lines: [] as string[], messages: [] as string[] }
  const { keyPem, chain } = issue('relay.test', undefined)
  const port = await scriptedServer(playingTls({ key: keyPem, certificate: chain }, relay, ['AUTH PLAIN']))
  const set = ['route', 'set', 'ann@example.test', `127.0.0.1:${port}`]
  expect((await at.homepost([...set, '--username', 'ann'])).code).toBe(2)
  expect((await at.homepost([...set, '--username', 'ann', '--password-stdin'], 'a secret\n')).code).toBe(0)
  expect(statSync(join(at.dataDir, 'routes.map')).mode & 0o777).toBe(0o600)
  const { stdout } = await at.homepost(['route', 'list'])
  expect(stdout).toContain('from ann@example.test')
  expect(stdout).not.toContain('secret')

  await asAnn(at).sendMail({ from: 'ann@example.test', to: 'x@far.test, x@near.test', text: 'There.' })
  const asked = () => relay.lines.filter((line) => line.startsWith('RCPT')).sort()
  await expect.poll(asked, soon).toEqual(['RCPT TO:<x@far.test>', 'RCPT TO:<x@near.test>'])
  const login = Buffer.from('\0ann\0a secret').toString('base64')
  expect(relay.lines).toContain(`AUTH PLAIN ${login}`)
  expect(at.output()).not.toContain('a secret')
  expect(at.far.lines).toEqual([])

  await asBob(at).sendMail({ from: 'bob@example.test', to: 'x@far.test', text: 'There.' })
  await expect.poll(() => at.far.messages.length, soon).toBe(1)
  expect((await at.homepost(['route', 'delete', 'ann@example.test'])).code).toBe(0)
  expect((await at.homepost(['route', 'delete', 'ann@example.test'])).code).toBe(1)
  writeFileSync(join(at.dataDir, 'routes.map'), 'what is this\n')
  expect((await at.homepost(['route', 'list'])).stderr).toContain('line 1')
})

test('dns explain tells how a name is found, and why it can be believed or not', async () => {
  const at = await startSending()
  const { stdout, code } = await at.homepost(['dns', 'explain', 'far.test', 'MX'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/MX 10 mx\.far\.test/)
  expect(stdout).toMatch(/insecure/)
  expect(stdout).toMatch(/test +secure/)
})
