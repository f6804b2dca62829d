import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import { expect, onTestFinished, test } from 'vitest'
import { run, startServer, type TestServer } from '../support/server.ts'
import { requireDebian } from './support/debian.ts'
import { startNames } from './support/socks.ts'
import { Thunderbird } from './support/thunderbird.ts'

const folderOf = () => {
  const folder = mkdtempSync(join(tmpdir(), 'homepost-set-up-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function openssl(folder: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run('openssl', args, { cwd: folder })
  if (code !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`)
  return stdout + stderr
}

async function profileOf(server: TestServer, folder: string): Promise<Buffer> {
  const url = `https://127.0.0.1:${server.ports.https}/apple.mobileconfig?email=ann@example.test`
  const file = join(folder, 'profile')
  expect((await run('curl', ['-ksS', '-o', file, url])).code).toBe(0)
  return readFile(file)
}

test.each([
  ['RSA', ['rsa:2048']],
  ['ECDSA', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256']],
  ['ECDSA, P-384', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384']],
])('the profile is signed with the certificate and its chain: %s', async (_, kind) => {
  const folder = folderOf()
  const certificates = join(folder, 'data', 'certs')
  mkdirSync(certificates, { recursive: true })
  const ca = ['-CA', 'ca.pem', '-CAkey', 'ca.key']
  const between = ['-CA', 'between.pem', '-CAkey', 'between.key']
  const make = (name: string, how: readonly string[], subject: string, more: readonly string[]) =>
    openssl(
      folder,
      ...['req', '-x509', '-newkey', ...how, '-nodes', '-keyout', `${name}.key`, '-out', `${name}.pem`],
      ...['-subj', `/CN=${subject}`, '-days', '30', ...more],
    )
  const authority = ['-addext', 'basicConstraints=critical,CA:TRUE']
  await make('ca', ['rsa:2048'], 'Root', authority)
  await make('between', ['rsa:2048'], 'Between', [...ca, ...authority])
  await make('own', kind, 'mail.example.test', [
    ...between,
    '-addext',
    'subjectAltName=DNS:mail.example.test',
  ])
  const pem = async (name: string) => readFile(join(folder, `${name}.pem`), 'utf8')
  writeFileSync(join(certificates, 'cert.pem'), (await pem('own')) + (await pem('between')))
  writeFileSync(join(certificates, 'key.pem'), await readFile(join(folder, 'own.key')))
  const server = await startServer({ dataDir: join(folder, 'data') })
  onTestFinished(async () => void (await server.stop()))
  await profileOf(server, folder)
  for (const reader of ['cms', 'smime']) {
    const read = ['-verify', '-inform', 'DER', '-in', 'profile', '-CAfile', 'ca.pem', '-purpose', 'any']
    expect(await openssl(folder, reader, ...read, '-out', 'said')).toContain('erification successful')
    expect(await readFile(join(folder, 'said'), 'utf8')).toContain('<string>ann@example.test</string>')
  }
  const printed = await openssl(folder, 'cms', '-cmsout', '-print', '-inform', 'DER', '-in', 'profile')
  expect(printed).toMatch(/CN\s*=\s*Between/)
})

test('with a self-signed certificate the profile is not signed', async () => {
  const server = await startServer()
  onTestFinished(async () => void (await server.stop()))
  expect((await profileOf(server, folderOf())).toString()).toMatch(/^<\?xml/)
})

interface Found {
  readonly source: string
  readonly incoming: readonly string[]
  readonly outgoing: string
  readonly folders: readonly string[]
}

test('Thunderbird finds the account by its address alone, and signs in with what it found', async () => {
  await requireDebian('thunderbird')
  const server = await startServer()
  onTestFinished(async () => void (await server.stop()))
  await server.addUsers('ann')
  const { ports } = server
  const web: Readonly<Record<string, number>> = { 80: ports.http, 443: ports.https }
  const ours = ['mail.example.test', 'autoconfig.example.test']
  const names = await startNames((host, port) => (ours.includes(host) ? (web[port] ?? port) : undefined))
  onTestFinished(() => names.stop())
  const thunderbird = await Thunderbird.start(ports.https + 3, {
    'network.proxy.type': 1,
    'network.proxy.socks': '127.0.0.1',
    'network.proxy.socks_port': names.port,
    'network.proxy.socks_remote_dns': true,
    'mailnews.auto_config_url': '',
  })
  onTestFinished(() => thunderbird.stop())
  const found = await thunderbird.run<Found>(
    `const { FetchConfig } = ChromeUtils.importESModule('resource:///modules/accountcreation/FetchConfig.sys.mjs');
     const { AccountConfig } = ChromeUtils.importESModule('resource:///modules/accountcreation/AccountConfig.sys.mjs');
     const { CreateInBackend } = ChromeUtils.importESModule('resource:///modules/accountcreation/CreateInBackend.sys.mjs');
     const config = await FetchConfig.fromISP('example.test', 'ann@example.test', new AbortController().signal);
     AccountConfig.replaceVariables(config, 'Ann', 'ann@example.test', 'pw');
     config.rememberPassword = true;
     config.incoming.password = 'pw';
     const told = ({ type, hostname, port, socketType, username }) => [type, hostname, port, socketType, username].join(' ');
     const account = await CreateInBackend.createAccountInBackend(config);
     const server = account.incomingServer;
     server.password = 'pw';
     server.performExpand(null);
     await until(() => server.rootFolder.subFolders.length > 4);
     return {
       source: config.subSource,
       incoming: [config.incoming, ...config.incomingAlternatives].map(told),
       outgoing: told(config.outgoing),
       folders: server.rootFolder.subFolders.map((each) => each.name),
     };`,
  )
  expect(names.asked).toEqual(
    expect.arrayContaining(['autoconfig.example.test:443', `mail.example.test:${ports.imaps}`]),
  )
  expect(found.source).toMatch(/^xml-from-isp-/)
  // 3 is TLS from the beginning, 2 STARTTLS.
  expect(found.incoming).toEqual([
    `imap mail.example.test ${ports.imaps} 3 ann@example.test`,
    `imap mail.example.test ${ports.imap} 2 ann@example.test`,
    `pop3 mail.example.test ${ports.pop3s} 3 ann@example.test`,
    `pop3 mail.example.test ${ports.pop3} 2 ann@example.test`,
  ])
  expect(found.outgoing).toBe(`smtp mail.example.test ${ports.submissions} 3 ann@example.test`)
  const [, , port, , user] = found.outgoing.split(' ')
  const sender = createTransport({
    ...{ host: '127.0.0.1', port: Number(port), secure: true, auth: { user, pass: 'pw' } },
    tls: { rejectUnauthorized: false },
  })
  expect(await sender.verify()).toBe(true)
  sender.close()
  expect(found.folders).toEqual(expect.arrayContaining(['Drafts', 'Sent', 'Trash']))
})
