import { createPrivateKey, type JsonWebKey, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { certificateId } from '../../src/modules/proxy/acme/renewal-info.ts'
import { freePortOffset, startServer, type TestServer } from '../support/server.ts'
import { type AuthorityOptions, startAuthority, type TestAuthority } from './support/authority.ts'
import { startBind } from './support/bind.ts'
import { requireDebian } from './support/debian.ts'

// Pebble, the authority that Let's Encrypt made for tests, against the whole server.

beforeAll(() => requireDebian('pebble'))

interface Stage {
  readonly server: TestServer
  readonly authority: TestAuthority
  readonly env: Readonly<Record<string, string>>
}

async function stage(
  env: Readonly<Record<string, string>> = {},
  prepare: (authority: TestAuthority) => Promise<void> = () => Promise.resolve(),
  options: Pick<AuthorityOptions, 'binding' | 'dns' | 'tellsRenewal'> = {},
): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'homepost-acme-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const offset = await freePortOffset()
  const authority = await startAuthority({
    folder,
    httpPort: offset + 80,
    tlsPort: offset + 443,
    ...options,
  })
  onTestFinished(() => authority.stop())
  await prepare(authority)
  const all = {
    TLS_FLAVOR: 'letsencrypt',
    HOSTNAMES: 'mail.example.test,mx.example.test',
    PORT_OFFSET: String(offset),
    ...authority.env,
    ...env,
  }
  const server = await startServer({ env: all })
  onTestFinished(async () => void (await server.stop()))
  return { server, authority, env: all }
}

interface Shown {
  readonly certificate: X509Certificate
  readonly chain: number
}

/** What a client is shown that connects now. */
function shownAt(port: number, options: ConnectionOptions = {}): Promise<Shown> {
  return new Promise((resolve, reject) => {
    const tls = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options }, () => {
      const certificate = tls.getPeerX509Certificate()
      let chain = 0
      for (let at = certificate; at; at = at.issuerCertificate) chain += 1
      tls.destroy()
      if (certificate) resolve({ certificate, chain })
      else reject(new Error('no certificate'))
    })
    tls.on('error', reject)
  })
}

const issued = ({ server }: Stage, port = server.ports.imaps) =>
  expect
    .poll(async () => (await shownAt(port)).certificate.issuer, { timeout: 60_000, interval: 200 })
    .toContain('Pebble')

interface Status {
  readonly source: string
  readonly shown: readonly {
    readonly names: readonly string[]
    readonly key: string
    readonly nextTry: number
  }[]
  readonly troubles: readonly {
    readonly names: readonly string[]
    readonly text: string
    readonly todo: string
  }[]
}

async function statusOf({ server }: Stage): Promise<Status> {
  const { stdout } = await server.homepost(['certificates', 'status', '--json'])
  return JSON.parse(stdout) as Status
}

const bothKeys = ({ server }: Stage) =>
  expect
    .poll(async () => server.output().match(/certificate\.issued/g)?.length ?? 0, { timeout: 60_000 })
    .toBeGreaterThanOrEqual(2)

test.each(['http-01', 'tls-alpn-01'])(
  'two names are proven by %s, with both kinds of key',
  async (challenge) => {
    const at = await stage({ ACME_CHALLENGE: challenge })
    // Before that, there is one already.
    await shownAt(at.server.ports.imaps)
    await issued(at)
    await bothKeys(at)
    const status = await statusOf(at)
    expect(status.troubles).toEqual([])
    expect(status.shown.map(({ key }) => key).toSorted()).toEqual(['ECDSA', 'RSA'])
    for (const { names, nextTry } of status.shown) {
      expect(names).toEqual(['mail.example.test', 'mx.example.test'])
      expect(nextTry).toBeGreaterThan(Date.now())
    }
    const old = { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' } as const
    for (const port of [at.server.ports.imaps, at.server.ports.https, at.server.ports.submissions]) {
      expect((await shownAt(port)).certificate.publicKey.asymmetricKeyType).toBe('ec')
      expect((await shownAt(port, old)).certificate.publicKey.asymmetricKeyType).toBe('rsa')
      expect((await shownAt(port)).chain).toBeGreaterThan(1)
      expect((await shownAt(port, old)).chain).toBeGreaterThan(1)
    }
    // A client that believes this authority believes us, by either name.
    const ca = await at.authority.root()
    for (const servername of ['mail.example.test', 'mx.example.test'])
      await shownAt(at.server.ports.imaps, { rejectUnauthorized: true, servername, ca })
  },
)

test('a certificate is renewed without a restart, with the key that TLSA records name', async () => {
  const at = await stage()
  await bothKeys(at)
  const { server } = at
  const before = (await shownAt(server.ports.imaps)).certificate
  const held = connectTls({ host: '127.0.0.1', port: server.ports.imaps, rejectUnauthorized: false })
  onTestFinished(() => void held.destroy())
  await once(held, 'data')
  const { code, stdout } = await server.homepost(['certificates', 'renew'])
  expect(code, stdout).toBe(0)
  expect(stdout).toContain('mail.example.test mx.example.test')
  const after = (await shownAt(server.ports.imaps)).certificate
  expect(after.serialNumber).not.toBe(before.serialNumber)
  const keyOf = ({ publicKey }: X509Certificate) => publicKey.export({ type: 'spki', format: 'pem' })
  expect(keyOf(after)).toEqual(keyOf(before))
  held.write('a NOOP\r\n')
  expect(String(await once(held, 'data'))).toContain('a OK')
})

test('what was issued serves after a restart, and nobody is asked again', async () => {
  const at = await stage()
  await bothKeys(at)
  const before = (await shownAt(at.server.ports.imaps)).certificate.serialNumber
  await at.server.stop('SIGKILL')
  const { code, stdout } = await at.server.homepost(['certificates', 'status'])
  expect(code, stdout).toBe(0)
  expect(stdout).toContain('mail.example.test mx.example.test')
  expect((await at.server.homepost(['certificates', 'renew'])).stderr).toContain('does not run')
  const env = { ...at.env, PORT_OFFSET: String(await freePortOffset()) }
  const again = await startServer({ dataDir: at.server.dataDir, env })
  onTestFinished(async () => {
    await again.stop()
    rmSync(at.server.dataDir, { recursive: true })
  })
  expect((await shownAt(again.ports.imaps)).certificate.serialNumber).toBe(before)
  expect(again.output()).not.toContain('certificate.issued')
})

function accountKeyOf({ server, env }: Stage): string {
  const { host } = new URL(env['ACME_DIRECTORY'] ?? '')
  const file = join(server.dataDir, 'certs/letsencrypt/accounts', host, 'dir/homepost/private_key.json')
  const key = createPrivateKey({ key: JSON.parse(readFileSync(file, 'utf8')) as JsonWebKey, format: 'jwk' })
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

test('one that was revoked is replaced when somebody says so', async () => {
  const at = await stage()
  await bothKeys(at)
  const lineage = join(at.server.dataDir, 'certs/letsencrypt/live/mailu-ecdsa')
  const chain = () => readFileSync(join(lineage, 'fullchain.pem'), 'utf8')
  const before = chain()
  expect(statSync(join(lineage, 'privkey.pem')).mode & 0o777).toBe(0o600)
  expect(await at.authority.revoke(before, accountKeyOf(at))).toBe('Revoked')
  expect((await at.server.homepost(['certificates', 'renew'])).code).toBe(0)
  expect(chain()).not.toBe(before)
  const { serialNumber } = (await shownAt(at.server.ports.imaps)).certificate
  expect(serialNumber).toBe(new X509Certificate(chain()).serialNumber)
})

test('a name that fails is left out and told of, and is there when it is mended', async () => {
  const at = await stage({}, async (authority) => authority.lead('mx.example.test', '127.9.9.9'))
  await issued(at)
  await bothKeys(at)
  const status = await statusOf(at)
  expect(status.shown.map(({ names }) => names)).toEqual([['mail.example.test'], ['mail.example.test']])
  expect(status.troubles).toMatchObject([
    {
      names: ['mx.example.test'],
      text: expect.stringContaining('did not reach this server at mx.example.test') as string,
      todo: expect.stringContaining('port 80') as string,
    },
  ])
  const serial = (await shownAt(at.server.ports.imaps)).certificate.serialNumber
  const troubled = await at.server.homepost(['certificates', 'renew'])
  expect(troubled.code).toBe(1)
  expect(troubled.stderr).toContain('let port 80 through')
  expect((await shownAt(at.server.ports.imaps)).certificate.serialNumber).not.toBe(serial)
  await at.authority.lead('mx.example.test', '127.0.0.1')
  const { code, stdout } = await at.server.homepost(['certificates', 'renew'])
  expect(code, stdout).toBe(0)
  expect((await statusOf(at)).troubles).toEqual([])
  expect((await shownAt(at.server.ports.imaps)).certificate.checkHost('mx.example.test')).toBeDefined()
})

test('an authority that is away is asked again, and the self-signed certificate serves meanwhile', async () => {
  const at = await stage({}, async (authority) => authority.stop())
  await expect.poll(async () => (await statusOf(at)).troubles.length, { timeout: 30_000 }).toBe(1)
  const { source, troubles } = await statusOf(at)
  expect(source).toBe('self-signed')
  expect(troubles[0]).toMatchObject({
    text: expect.stringContaining('ECONNREFUSED') as string,
    todo: expect.stringContaining('ACME_DIRECTORY') as string,
  })
  await shownAt(at.server.ports.imaps)
  // The next try comes by itself.
  await at.authority.start()
  await expect
    .poll(() => at.server.output(), { timeout: 100_000, interval: 500 })
    .toContain('certificate.issued')
})

test.each([
  ['the account that it gave', 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA', 'issued'],
  ['another', 'YW5vdGhlci1zZWNyZXQtYW5vdGhlci1zZWNyZXQtYW5vdGg', 'refused'],
])('an authority with accounts of its own takes %s', async (_, hmacKey, outcome) => {
  const binding = { kid: 'kid-1', hmacKey: 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA' }
  const at = await stage({ ACME_EAB_KID: 'kid-1', ACME_EAB_HMAC: hmacKey }, async () => undefined, {
    binding,
  })
  if (outcome === 'issued') return issued(at)
  await expect.poll(async () => (await statusOf(at)).troubles.length, { timeout: 30_000 }).toBe(1)
  expect((await statusOf(at)).source).toBe('self-signed')
})

test('each domain has a certificate for those of its names that lead here, shown to who asks for them', async () => {
  const at = await stage({
    ACME_DOMAIN_NAMES: 'autoconfig,mta-sts',
    DNS_HOSTS: 'mail.example.test=127.0.0.1,mta-sts.example.test=127.0.0.1,autoconfig.example.test=127.0.0.2',
  })
  await bothKeys(at)
  await expect.poll(async () => (await statusOf(at)).shown.length, { timeout: 60_000 }).toBe(3)
  const shown = async (servername: string) =>
    (await shownAt(at.server.ports.https, { servername })).certificate.subjectAltName
  expect(await shown('mta-sts.example.test')).toBe('DNS:mta-sts.example.test')
  expect(await shown('autoconfig.example.test')).toBe('DNS:mail.example.test, DNS:mx.example.test')
  expect(await shown('mail.example.test')).toBe('DNS:mail.example.test, DNS:mx.example.test')
})

async function bind() {
  await requireDebian('bind9')
  const folder = mkdtempSync(join(tmpdir(), 'homepost-bind-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const server = await startBind(folder)
  onTestFinished(() => server.stop())
  const env = {
    ACME_CHALLENGE: 'dns-01',
    ACME_DNS_SERVER: `127.0.0.1@${server.port}`,
    ACME_DNS_KEY: `hmac-sha256:acme-key:${server.secret}`,
    DNS_RESOLVERS: `127.0.0.1@${server.port}`,
  }
  return { server, env, options: { dns: `127.0.0.1:${server.port}` } }
}

test('names are proven in DNS: BIND takes the records, and nothing is left of them', async () => {
  const { server, env, options } = await bind()
  const at = await stage(env, undefined, options)
  await issued(at)
  await bothKeys(at)
  expect((await statusOf(at)).shown[0]?.names).toEqual(['mail.example.test', 'mx.example.test'])
  const log = server.log()
  expect(log).toMatch(/adding an RR at '_acme-challenge\.mail\.example\.test' TXT/)
  // An alias is followed to where it leads.
  expect(log).toMatch(/adding an RR at 'elsewhere\.acme\.example\.test' TXT/)
  await expect
    .poll(() => server.log().match(/deleting an RR at/g)?.length)
    .toBe(log.match(/adding an RR at/g)?.length)
})

test('a key that the name server does not know is told of', async () => {
  const { env, options } = await bind()
  const ACME_DNS_KEY = `hmac-sha256:acme-key:${Buffer.from('another').toString('base64')}`
  const at = await stage({ ...env, ACME_DNS_KEY }, undefined, options)
  await expect.poll(async () => (await statusOf(at)).troubles.length, { timeout: 60_000 }).toBe(2)
  const [trouble] = (await statusOf(at)).troubles
  expect(trouble?.text).toContain('127.0.0.1 does not take the key acme-key (BADSIG)')
  expect(trouble?.todo).toContain('ACME_DNS_KEY')
})

test('a certificate is renewed when the authority wants it', async () => {
  const at = await stage({}, undefined, { tellsRenewal: true })
  await bothKeys(at)
  await at.server.stop('SIGKILL')
  const lineage = (id: string) =>
    readFileSync(join(at.server.dataDir, `certs/letsencrypt/live/${id}/fullchain.pem`), 'utf8')
  const before = lineage('mailu')
  const again = await startServer({ dataDir: at.server.dataDir, env: at.env })
  onTestFinished(async () => {
    await again.stop()
    rmSync(at.server.dataDir, { recursive: true })
  })
  await bothKeys({ ...at, server: again })
  expect(lineage('mailu')).not.toBe(before)
  expect(at.authority.asked).toContain(certificateId(new X509Certificate(before)))
})
