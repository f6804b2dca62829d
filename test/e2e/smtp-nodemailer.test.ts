import { randomBytes } from 'node:crypto'
import { simpleParser } from 'mailparser'
import { describe, expect, test } from 'vitest'
import { startSmtpKit } from './smtp-kit.ts'

const letter = { from: 'sender@example.org', to: 'ann@home.test', subject: 'hello', text: 'world' }
const ann = { user: 'ann@home.test', pass: 'secret' }

describe('nodemailer on port 25', () => {
  test('delivers over STARTTLS', async () => {
    const kit = await startSmtpKit()
    const { response } = await kit.mailer('smtp').sendMail(letter)
    expect(response).toMatch(/^250 2\.0\.0 Accepted as /)
    const [message] = await kit.inbox('ann')
    const parsed = await simpleParser(message ?? '')
    expect([parsed.subject, parsed.text?.trim()]).toEqual(['hello', 'world'])
    expect(message?.toString()).toMatch(
      /^Received: from client\.example \(\[127\.0\.0\.1\]\)\r\n\tby mail\.home\.test with ESMTPS id \S+\r\n\t\(TLSv1\.3 \S+\)\r\n\tfor <ann@home\.test>;\r\n\t/m,
    )
  })

  test('delivers in clear where STARTTLS is not wanted', async () => {
    const kit = await startSmtpKit()
    await kit.mailer('smtp', { ignoreTLS: true }).sendMail(letter)
    expect((await kit.inbox('ann'))[0]?.toString()).toMatch(/with ESMTP id /)
  })

  test('brings an attachment of 30 MB unharmed', { timeout: 60_000 }, async () => {
    const kit = await startSmtpKit()
    const content = randomBytes(30_000_000)
    await kit
      .mailer('smtp', { ignoreTLS: true })
      .sendMail({ ...letter, attachments: [{ filename: 'big', content }] })
    const parsed = await simpleParser((await kit.inbox('ann'))[0] ?? '')
    expect(parsed.attachments[0]?.content.equals(content)).toBe(true)
  })

  test('is told of a message that is too large', async () => {
    const kit = await startSmtpKit({ messageSizeLimit: 10_000 })
    const text = 'long line of text\n'.repeat(1000)
    await expect(kit.mailer('smtp').sendMail({ ...letter, text })).rejects.toMatchObject({
      responseCode: 552,
    })
    expect(await kit.inbox('ann')).toEqual([])
  })

  test('delivers to and from addresses in UTF-8', async () => {
    const kit = await startSmtpKit()
    const envelope = { from: 'пример@example.org', to: ['jörg@home.test'] }
    await kit.mailer('smtp').sendMail({ ...letter, envelope })
    const [message] = await kit.inbox('jörg')
    expect(message?.toString()).toMatch(/with UTF8SMTPS id /)
  })

  test('is refused for recipients that do not exist, and the others get it', async () => {
    const kit = await startSmtpKit()
    const sent = await kit.mailer('smtp').sendMail({ ...letter, to: ['nobody@home.test', 'bob@home.test'] })
    expect(sent.rejected).toEqual(['nobody@home.test'])
    expect(await kit.inbox('bob')).toHaveLength(1)
  })

  test('may not relay', async () => {
    const kit = await startSmtpKit()
    await expect(kit.mailer('smtp').sendMail({ ...letter, to: 'eve@elsewhere.test' })).rejects.toMatchObject({
      responseCode: 554,
    })
  })

  test('gets a hundred messages through a pool, each once', async () => {
    const kit = await startSmtpKit()
    const pool = kit.mailer('smtp', { pool: true, maxConnections: 5, ignoreTLS: true })
    const subjects = Array.from({ length: 100 }, (_, number) => `number ${number}`)
    await Promise.all(subjects.map((subject) => pool.sendMail({ ...letter, subject })))
    pool.close()
    const arrived = (await kit.inbox('ann')).map(
      (message) => /^Subject: (.*)\r$/m.exec(message.toString())?.[1],
    )
    expect(arrived).toHaveLength(subjects.length)
    expect(new Set(arrived)).toEqual(new Set(subjects))
  })
})

describe('nodemailer on submission', () => {
  const own = { ...letter, from: 'ann@home.test', to: 'bob@home.test' }

  test.each(['submissions', 'submission'] as const)('signs in and sends on %s', async (listener) => {
    const kit = await startSmtpKit()
    await kit
      .mailer(listener, { auth: ann, requireTLS: true })
      .sendMail({ ...own, headers: { 'X-Mailer': 'Secret/1' } })
    const text = (await kit.inbox('bob'))[0]?.toString() ?? ''
    expect(text).toMatch(/with ESMTPSA id /)
    expect(text).not.toMatch(/X-Mailer|127\.0\.0\.1|client\.example/)
  })

  test('signs in with LOGIN', async () => {
    const kit = await startSmtpKit()
    await kit.mailer('submissions', { auth: ann, authMethod: 'LOGIN' }).sendMail(own)
    expect(await kit.inbox('bob')).toHaveLength(1)
  })

  test('hears nothing but 535 of a wrong password and of an unknown user', async () => {
    const kit = await startSmtpKit()
    const wrong = (auth: object) =>
      kit
        .mailer('submissions', { auth })
        .sendMail(own)
        .catch((error: Error) => error)
    const errors = [
      await wrong({ ...ann, pass: 'wrong' }),
      await wrong({ user: 'eve@home.test', pass: 'wrong' }),
    ]
    expect(errors.map((error) => ('response' in error ? error.response : error))).toEqual(
      Array(2).fill('535 5.7.8 Authentication credentials invalid'),
    )
  })

  test('may not send as somebody else', async () => {
    const kit = await startSmtpKit()
    const forged = kit.mailer('submissions', { auth: ann }).sendMail({ ...own, from: 'bob@home.test' })
    await expect(forged).rejects.toMatchObject({ responseCode: 553 })
  })

  test('may not send without signing in', async () => {
    const kit = await startSmtpKit()
    await expect(kit.mailer('submissions').sendMail(own)).rejects.toMatchObject({ responseCode: 530 })
  })
})
