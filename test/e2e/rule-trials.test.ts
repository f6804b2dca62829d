import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import { expect, onTestFinished, test } from 'vitest'
import { startServer } from '../support/server.ts'

const offer = 'From: Sender <sender@else.test>\r\nTo: ann@example.test\r\nSubject: Offer\r\n\r\nBuy!\r\n'
const script = [
  'require ["fileinto", "vacation"];',
  '# rule:[Ads]',
  'if header :contains "subject" "offer" {',
  '  fileinto "Ads";',
  '}',
  'vacation "Away.";',
].join('\n')

test('rules are shown, tried, rehearsed and explained from the command line', async () => {
  const server = await startServer()
  onTestFinished(async () => void (await server.stop()))
  const folder = mkdtempSync(join(tmpdir(), 'homepost-trials-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const [scriptFile, messageFile] = [join(folder, 'script.sieve'), join(folder, 'message.eml')]
  writeFileSync(scriptFile, script)
  writeFileSync(messageFile, offer)
  const said = async (...args: string[]) => {
    const { code, stdout, stderr } = await server.homepost(['sieve', ...args])
    return { code, text: stdout + stderr }
  }
  await server.addUsers('ann')
  const ann = 'ann@example.test'
  const transport = createTransport({
    host: '127.0.0.1',
    port: server.ports.smtp,
    tls: { rejectUnauthorized: false },
  })
  const post = (subject: string) =>
    transport.sendMail({ from: 'sender@else.test', to: ann, subject, text: 'Hello.' })
  await post('An offer')
  await post('A letter')

  const tried = await said('test', scriptFile, messageFile)
  expect(tried.code).toBe(0)
  expect(tried.text).toContain('filed in Ads (rule "Ads", line 4 of "script": header :contains')
  expect(tried.text).toContain('answered to sender@else.test, if not answered already (line 6 of "script")')
  expect(tried.text).toContain('Subject: Auto: Offer\n')

  const rehearsed = await said('rehearse', ann, scriptFile, '--last', '500')
  expect(rehearsed.code).toBe(0)
  expect(rehearsed.text).toContain('Of 2 messages 2 would have gone elsewhere.')
  expect(rehearsed.text).toContain('An offer\n  now:  INBOX\n  then: Ads, answered\n')
  expect(rehearsed.text).toContain('A letter\n  now:  INBOX\n  then: INBOX, answered\n')
  // It changes nothing: nobody was answered, and nothing moved.
  expect((await said('why', ann)).text).toContain('No rule did anything.')

  writeFileSync(scriptFile, 'frop;')
  expect(await said('test', scriptFile, messageFile)).toEqual({
    code: 1,
    text: expect.stringContaining("script, line 1, column 1: unknown command 'frop'"),
  })
  expect((await said('rehearse', 'nobody@example.test', scriptFile)).code).toBe(1)

  expect((await said('rules', ann)).text).toContain('# rule:[Spam goes to Junk]')
  writeFileSync(scriptFile, 'require "fileinto"; fileinto "Junk";')
  await said('put', ann, 'main', scriptFile, '--activate')
  await post('Another offer')
  const why = await said('why', ann)
  expect(why.text).toContain('from sender@else.test to ann@example.test\n  filed in Junk (line 1 of "main")')
}, 60_000)
