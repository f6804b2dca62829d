import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import { gunzipSync } from 'node:zlib'
import Sqlite from 'better-sqlite3'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { type Issued, issue } from '../support/certificates.ts'
import { startMailInternet } from '../support/mail-internet.ts'
import { playingTls, scriptedServer } from '../support/scripted-server.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { asAnn, dataFolder, inbox, keysIn, soon, stranger } from './outgoing-kit.ts'

// The composed server, and others who say with MTA-STS how they want to be written to, and with TLS-RPT that they want to hear of it.
// Their certificates are of an authority that the server is told of as Node is: NODE_EXTRA_CA_CERTS.

let authority: Issued
beforeAll(() => {
  authority = issue('Authority', undefined, { ca: true })
})

interface World {
  readonly dataDir: string
  readonly env: Readonly<Record<string, string>>
  /** What the MX of both domains took. */
  readonly took: readonly string[]
  /** What was sent to `https://reports.near.test/tls`. */
  readonly posted: { readonly type: string; readonly body: Buffer }[]
}

/** far.test has a right policy, near.test one for a server that shows another's certificate. */
async function world(): Promise<World> {
  const far = { lines: [] as string[], messages: [] as string[] }
  const posted: World['posted'] = []
  const { keyPem, chain } = issue('mx.far.test', authority)
  const port = await scriptedServer(playingTls({ key: keyPem, certificate: chain }, far, ['8BITMIME']))
  const httpsPort = await webServer(posted)
  const dataDir = dataFolder()
  const zone = (name: string, reports: string) => ({
    lines: [
      `${name}. 300 MX 10 mx.${name}.`,
      `mx.${name}. 300 A 127.0.0.1`,
      `_mta-sts.${name}. 300 TXT "v=STSv1; id=1;"`,
      `mta-sts.${name}. 300 A 127.0.0.1`,
      `_smtp._tls.${name}. 300 TXT "v=TLSRPTv1; rua=${reports}"`,
      `reports.${name}. 300 A 127.0.0.1`,
    ],
  })
  const net = await startMailInternet({
    'far.test': zone('far.test', 'mailto:tls@far.test'),
    'near.test': zone('near.test', `https://reports.near.test:${httpsPort}/tls?of=near`),
    'example.test': {
      lines: ['_dmarc.example.test. 300 TXT "v=DMARC1; p=quarantine; adkim=s"', ...keysIn(dataDir)],
    },
  })
  writeFileSync(join(dataDir, 'authority.pem'), authority.pem)
  const env = {
    ...net.env,
    OUTBOUND_PORT: String(port),
    OUTBOUND_HTTPS_PORT: String(httpsPort),
    NODE_EXTRA_CA_CERTS: join(dataDir, 'authority.pem'),
  }
  return { dataDir, env, took: far.messages, posted }
}

async function start({ dataDir, env }: World): Promise<TestServer> {
  const server = await startServer({ dataDir, env })
  onTestFinished(async () => void (await server.stop()))
  return server
}

/** The policies of both domains, and the place for reports. */
async function webServer(posted: World['posted']): Promise<number> {
  const shown = new Map<string, ReturnType<typeof createSecureContext>>()
  const server = createServer(
    {
      SNICallback: (name, done) => {
        const { keyPem, chain } = issue(name, authority)
        const context = shown.get(name) ?? createSecureContext({ key: keyPem, cert: chain })
        shown.set(name, context)
        done(null, context)
      },
    },
    (asked, answer) => {
      const [, , domain = ''] = /^(mta-sts|reports)\.([^:]+)/.exec(asked.headers.host ?? '') ?? []
      if (asked.method === 'GET' && asked.url === '/.well-known/mta-sts.txt')
        return answer.end(`version: STSv1\nmode: enforce\nmx: mx.${domain}\nmax_age: 86400\n`)
      const pieces: Buffer[] = []
      asked.on('data', (piece: Buffer) => pieces.push(piece))
      asked.on('end', () => {
        posted.push({ type: `${asked.url} ${asked.headers['content-type']}`, body: Buffer.concat(pieces) })
        answer.writeHead(201).end()
      })
      return answer
    },
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** What was counted today was counted yesterday. */
function aDayPasses(dataDir: string): void {
  const db = new Sqlite(join(dataDir, 'mail.db'))
  const { changes } = db
    .prepare(
      "UPDATE outgoing_note SET name = date(substr(name, 1, 10), '-1 day') || substr(name, 11) WHERE kind = 'tls'",
    )
    .run()
  db.close()
  expect(changes).toBe(2)
}

test('a policy is fetched over HTTPS and obeyed, and both domains hear of it the next day', async () => {
  const all = await world()
  const server = await start(all)
  await server.addUsers('ann', 'bob')
  await asAnn(server).sendMail({ from: 'ann@example.test', to: 'x@far.test, x@near.test', text: 'Hi' })
  await expect
    .poll(() => server.output(), soon)
    .toMatch(/"to":"x@far\.test".*"proof":"name".*"outgoing\.done"/)
  await expect
    .poll(() => server.output(), soon)
    .toMatch(/"to":"x@near\.test".*certificate.*"outgoing\.later"/)
  expect(all.took).toHaveLength(1)
  await server.stop()
  aDayPasses(all.dataDir)

  const again = await start(all)
  // Reports start with the queue.
  await again.homepost(['queue', 'retry', 'all'])
  await expect.poll(() => all.posted.length, soon).toBe(1)
  const [{ type, body } = { type: '', body: Buffer.alloc(0) }] = all.posted
  expect(type).toBe('/tls?of=near application/tlsrpt+gzip')
  expect(JSON.parse(gunzipSync(body).toString())).toMatchObject({
    'contact-info': 'postmaster@example.test',
    policies: [
      {
        policy: { 'policy-type': 'sts', 'policy-domain': 'near.test', 'mx-host': ['mx.near.test'] },
        summary: { 'total-successful-session-count': 0 },
        'failure-details': [{ 'result-type': 'certificate-host-mismatch' }],
      },
    ],
  })

  await expect.poll(() => all.took.length, soon).toBe(2)
  const [, raw = ''] = all.took
  await stranger(again).sendMail({ envelope: { from: '', to: 'bob@example.test' }, raw })
  const [report = ''] = await inbox(again, 'bob')
  expect(report).toContain('TLS-Report-Domain: far.test\r\n')
  expect(report).toContain('dmarc=pass header.from=example.test')
  const [, packed = ''] = /filename=.*\r\n\r\n([A-Za-z\d+/=\r\n]+)\r\n--/.exec(report) ?? []
  expect(JSON.parse(gunzipSync(Buffer.from(packed, 'base64')).toString())).toMatchObject({
    policies: [{ summary: { 'total-successful-session-count': 1, 'total-failure-session-count': 0 } }],
  })
}, 90_000)

test('our own policy is there for every domain, under the name and with the id that domain dns tells', async () => {
  const server = await startServer({ env: { MTA_STS: 'enforce' } })
  onTestFinished(async () => void (await server.stop()))
  await server.homepost(['domain', 'add', 'other.test'])
  for (const domain of ['example.test', 'other.test']) {
    const { stdout } = await server.homepost(['domain', 'dns', domain, '--zone'])
    expect(stdout).toContain(`mta-sts.${domain}. 600 IN CNAME mail.example.test.\n`)
    expect(stdout).toMatch(new RegExp(`^_mta-sts\\.${domain}\\. 600 IN TXT "v=STSv1; id=\\w{20};"$`, 'm'))
    expect(await policyOf(server, domain)).toBe(
      'version: STSv1\r\nmode: enforce\r\nmx: mail.example.test\r\nmax_age: 604800\r\n',
    )
  }
  expect(await policyOf(server, 'far.test')).toContain('<!doctype html>')
}, 60_000)

async function policyOf({ ports }: TestServer, domain: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { host: `mta-sts.${domain}` }
    const path = '/.well-known/mta-sts.txt'
    request({ host: '127.0.0.1', port: ports.https, path, headers, rejectUnauthorized: false }, (answer) => {
      let text = ''
      answer.on('data', (piece: Buffer) => (text += piece.toString()))
      answer.on('end', () => resolve(text))
    })
      .on('error', reject)
      .end()
  })
}
