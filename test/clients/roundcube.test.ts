import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer, type TestServer } from '../support/server.ts'
import { requireDebian } from './support/debian.ts'
import { freePort } from './support/far-servers.ts'
import { messagesOf, transport } from './support/mailbox.ts'
import { type Roundcube, startRoundcube } from './support/roundcube.ts'

let server: TestServer
let roundcube: Roundcube
const cookies = new Map<string, string>()

beforeAll(async () => {
  await requireDebian(
    'roundcube-core',
    'roundcube-plugins',
    'roundcube-sqlite3',
    'php-net-sieve',
    'php-cli',
    'php-sqlite3',
    'php-mbstring',
    'php-xml',
    'php-intl',
  )
  const port = await freePort()
  server = await startServer({
    env: {
      TLS_FLAVOR: 'mail',
      PORTS: '80,143,10143,10025,14190',
      WEB_PROXIES: `/roundcube=http://127.0.0.1:${port}/;mail`,
    },
  })
  await server.addUsers('ann', 'bob')
  roundcube = await startRoundcube(port, server.ports)
  await transport(server, 'plain').sendMail({
    from: 's@example.org',
    to: 'ann@example.test',
    subject: 'from afar',
    text: 'hello',
  })
})
afterAll(async () => {
  roundcube?.stop()
  await server?.stop()
})

/** As a browser: keeps cookies, follows redirects. */
async function browse(path: string, form?: Readonly<Record<string, string>>): Promise<string> {
  const base = `http://127.0.0.1:${server.ports.http}`
  const answer = await fetch(new URL(path, base), {
    redirect: 'manual',
    headers: {
      Cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      Origin: base,
      'Sec-Fetch-Site': 'same-origin',
    },
    ...(form && { method: 'POST', body: new URLSearchParams(form) }),
  })
  for (const line of answer.headers.getSetCookie()) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    cookies.set(name, value)
  }
  const location = answer.headers.get('location')
  if (location === null) return answer.text()
  return browse(new URL(location, new URL(path, base)).href.slice(base.length))
}

const tokenIn = (text: string): string => /"request_token":"([^"]+)"/.exec(text)?.[1] ?? ''

test('who is signed in at our pages reads, sends and sorts mail in Roundcube, and nobody else', async () => {
  expect(await browse('/roundcube/')).toContain('name="pw"')
  const mailbox = await browse('/sso/login', { email: 'ann@example.test', pw: 'pw', url: '/roundcube/' })
  expect(mailbox, roundcube.errors()).toContain('ann@example.test')
  const token = tokenIn(mailbox)
  const list = await browse(`/roundcube/?_task=mail&_action=list&_mbox=INBOX&_remote=1&_token=${token}`)
  expect(list).toContain('from afar')

  const compose = await browse('/roundcube/?_task=mail&_action=compose')
  const id = /"compose_id":"([^"]+)"/.exec(compose)?.[1] ?? ''
  const sender = /<option value="(\d+)"[^>]*>[^<]*ann@example\.test/.exec(compose)?.[1] ?? ''
  expect(sender).not.toBe('')
  await browse('/roundcube/?_task=mail&_action=send', {
    _token: tokenIn(compose),
    _id: id,
    _from: sender,
    _to: 'bob@example.test',
    _subject: 'from Roundcube',
    _message: 'written in a browser',
    _store_target: 'Sent',
  })
  await expect
    .poll(async () => (await messagesOf(server, 'bob')).map(String).join(), { timeout: 30_000 })
    .toContain('written in a browser')
  expect(await browse('/roundcube/?_task=settings&_action=plugin.managesieve')).toContain('filterslist')

  await browse('/sso/logout')
  expect(await browse('/roundcube/')).toContain('name="pw"')
  expect(server.output()).not.toMatch(/sign-in\.refused/)
})
