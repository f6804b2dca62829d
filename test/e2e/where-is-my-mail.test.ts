import { createTransport } from 'nodemailer'
import { expect, onTestFinished, test } from 'vitest'
import { startServer } from '../support/server.ts'

const hostile = `<script>alert('x')</script>`

test('Ann finds what came, what was refused and what she sent, and takes back what waits', async () => {
  const server = await startServer({ env: { TLS_FLAVOR: 'notls', SCAN_MACROS: 'false' } })
  onTestFinished(async () => void (await server.stop()))
  await server.addUsers('ann', 'bob')
  const arriving = createTransport({ host: '127.0.0.1', port: server.ports.smtp, ignoreTLS: true })
  const auth = { user: 'ann@example.test', pass: 'pw' }
  const submission = createTransport({
    host: '127.0.0.1',
    port: server.ports.submission,
    ignoreTLS: true,
    auth,
  })
  const to = 'ann@example.test'
  await arriving.sendMail({ from: 'joe@else.test', to, subject: `News ${hostile}`, text: 'Hello.' })
  const program = { filename: 'a.exe', content: 'MZ' }
  const bad = { from: 'eve@else.test', to, subject: `Buy ${hostile}`, text: 'x', attachments: [program] }
  await expect(arriving.sendMail(bad)).rejects.toThrow(/5\.7\.1|554|550/)
  await submission.sendMail({ from: to, to: 'bob@example.test', subject: 'For Bob', text: 'Hi.' })
  await submission.sendMail({ from: to, to: 'rita@far.test', subject: 'Rash words', text: 'Hm.' })

  const site = `http://127.0.0.1:${server.ports.http}`
  const signedIn = await fetch(`${site}/sso/login`, {
    method: 'POST',
    redirect: 'manual',
    headers: { Origin: site },
    body: new URLSearchParams({ email: 'ann@example.test', pw: 'pw' }),
  })
  const Cookie = signedIn.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
  const read = async () => (await fetch(`${site}/account/mail`, { headers: { Cookie } })).text()
  await expect.poll(read).toContain('Rash words')
  await expect.poll(read).toMatch(/To bob@example\.test[\s\S]*?>delivered</)
  const text = await read()
  expect(text).not.toContain('<script')
  expect(text).toMatch(/News &lt;script&gt;[\s\S]*?From joe@else\.test[\s\S]*?>delivered</)
  expect(text).toMatch(/Buy &lt;script&gt;[\s\S]*?From eve@else\.test[\s\S]*?55\d [\s\S]*?>refused</)
  expect(text).toMatch(/To rita@far\.test[\s\S]*?>on its way</)

  const [, path = ''] = /action="(\/account\/mail\/\d+\/withdraw)"/.exec(text) ?? []
  const withdrawn = await fetch(`${site}${path}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { Cookie, Origin: site },
  })
  expect(withdrawn.status).toBe(303)
  expect(await read()).toMatch(/To rita@far\.test[\s\S]*?>taken back</)
  expect((await server.homepost(['queue', 'list'])).stdout).not.toContain('rita')
}, 60_000)
