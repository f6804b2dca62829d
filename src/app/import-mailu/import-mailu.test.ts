import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { address, startAuth, type TestAuth } from '../../../test/support/auth.ts'
import { type MailuContent, mailuAlias, mailuDomain, mailuUser } from '../../../test/support/mailu.ts'
import { mailuForTest, pbkdf2, readForTest, sha512 } from '../../../test/support/mailu-installation.ts'
import { startStore, type TestStore } from '../../../test/support/store.ts'
import type { DomainName } from '../../lib/address.ts'
import { createSieveScripts } from '../../modules/sieve/index.ts'
import type { Answer } from '../control/answer.ts'
import { type ImportRules, importMailu } from './import-mailu.ts'
import type { Finding, Installation } from './installation.ts'

let store: TestStore
beforeAll(async () => {
  store = await startStore()
})
afterAll(() => store.end())

async function directory(): Promise<TestAuth> {
  const auth = await startAuth()
  onTestFinished(() => auth.end())
  return auth
}

const rules: ImportRules = {
  postmaster: address('ann@a.test'),
  recipientDelimiter: '+',
  dkimSelector: 'dkim',
  environment: {},
  update: false,
  dryRun: false,
}

type Told = { readonly imported: boolean; readonly findings: readonly Finding[]; readonly counts?: unknown }

async function imported(auth: TestAuth, from: Installation, more: Partial<ImportRules> = {}) {
  const ports = {
    reader: auth.admin,
    writer: auth.admin,
    secrets: auth.secrets,
    dkim: auth.dkimKeys,
    hashes: auth.hashes,
    scripts: createSieveScripts({
      store: store.scripts,
      limits: { scripts: 9, scriptBytes: 1e6, bytes: 1e6 },
    }),
  }
  const answer: Answer = await importMailu(ports, from, { ...rules, ...more })
  if (answer.kind !== 'done' && answer.kind !== 'refused') throw new Error(answer.kind)
  return { kind: answer.kind, text: answer.text, told: answer.json as Told }
}

const read = (content: MailuContent) => readForTest(mailuForTest(content).root)
const lines = ({ findings }: Told) => findings.map(({ what, on, text }) => `${what}: ${on}: ${text}`)

const ann = mailuUser('ann@a.test', { password: sha512, created_at: '2020-01-02' })
const base: MailuContent = { domain: [mailuDomain('a.test')], user: [ann] }

test('Mailu’s names in any case become one case everywhere they are named', async () => {
  const auth = await directory()
  const mixed = read({
    domain: [mailuDomain('A.Test')],
    alternative: [{ name: 'Alt.Test', domain_name: 'a.TEST' }],
    relay: [{ name: 'Relay.Test', smtp: 'mx.Example.org' }],
    user: [
      mailuUser('Ann@A.Test', { password: sha512, forward_destination: 'X@B.Test', forward_enabled: 1 }),
    ],
    alias: [mailuAlias('Info@a.Test', 'ANN@a.test', { owner_email: 'aNN@A.test' })],
    token: [{ id: 1, user_email: 'ANN@A.TEST', password: pbkdf2 }],
    fetch: [
      {
        id: 2,
        user_email: 'Ann@a.test',
        protocol: 'IMAP',
        host: 'h.test',
        port: 993,
        username: 'U',
        password: 'P',
      },
    ],
    manager: [{ domain_name: 'A.test', user_email: 'ann@A.TEST' }],
    domain_access: [{ id: 1, domain_name: 'a.tEST', user_email: 'ANN@a.test' }],
  })
  expect((await imported(auth, mixed)).kind).toBe('done')
  expect(await auth.admin.everything()).toMatchObject({
    domains: [{ name: 'a.test', alternatives: ['alt.test'] }],
    relays: [{ name: 'relay.test' }],
    users: [{ address: 'ann@a.test', forwardDestination: ['x@b.test'] }],
    aliases: [{ address: 'info@a.test', destination: ['ann@a.test'], owner: 'ann@a.test' }],
    tokens: [{ id: 1, user: 'ann@a.test' }],
    fetches: [{ id: 2, user: 'ann@a.test', protocol: 'imap', username: 'U' }],
    managers: [{ domain: 'a.test', user: 'ann@a.test' }],
    accesses: [{ domain: 'a.test', user: 'ann@a.test' }],
  })
})

test('the audit says that it was an import', async () => {
  const auth = await directory()
  await imported(auth, read(base))
  expect((await auth.admin.audit()).map(({ actor, did, on, key }) => `${actor} ${did} ${on} ${key}`)).toEqual(
    ['import created user ann@a.test', 'import created domain a.test'],
  )
})

test('numbers of app tokens and fetches that are somebody else’s here stop it', async () => {
  const auth = await directory()
  await auth.admin.add('domain', { name: 'here.test' as DomainName }, 'test')
  await auth.admin.add('user', { address: address('bob@here.test'), password: 'correct horse' }, 'test')
  await auth.admin.add('token', { user: address('bob@here.test'), id: 7 }, 'test')
  const token = [{ id: 7, user_email: 'ann@a.test', password: pbkdf2 }]
  const { kind, told } = await imported(auth, read({ ...base, token }))
  expect(kind).toBe('refused')
  expect(lines(told)).toEqual(['taken here: token 7: app token of bob@here.test'])
  expect(await auth.admin.user(address('ann@a.test'))).toBeUndefined()
})

test('an app token that was used, and so got a new hash, is still the one that was imported', async () => {
  const auth = await directory()
  const token = [{ id: 7, user_email: 'ann@a.test', password: pbkdf2, created_at: '2021-02-03' }]
  const mailu = read({ ...base, token })
  await imported(auth, mailu)
  const again = await imported(auth, {
    ...mailu,
    rows: { ...mailu.rows, token: mailu.rows.token.map((row) => ({ ...row, passwordHash: sha512 })) },
  })
  expect(again.told.counts).toMatchObject({ token: { created: 0, unchanged: 1 } })
})

test('whoever had no password that can be checked keeps the new one, whatever is imported later', async () => {
  const auth = await directory()
  const mailu = read({ ...base, user: [mailuUser('ann@a.test', { password: '$scrypt$ln=16$hunter2' })] })
  const first = await imported(auth, mailu)
  expect(lines(first.told)).toEqual(['new password needed: user ann@a.test: its scheme is $scrypt$'])
  expect(first.text).not.toContain('hunter2')
  const attempt = { login: 'ann@a.test', service: 'imap' as const, ip: '192.0.2.1', connection: 'c' }
  await auth.admin.set('user', address('ann@a.test'), { password: 'correct horse' }, 'test')
  expect((await imported(auth, mailu, { update: true })).told.counts).toMatchObject({
    user: { modified: 0, unchanged: 1 },
  })
  expect(await auth.credentials.verify({ ...attempt, password: 'correct horse' })).toMatchObject({
    kind: 'accepted',
  })
})

test('who changed the password here keeps it, until an update brings Mailu’s back', async () => {
  const auth = await directory()
  const mailu = read(base)
  await imported(auth, mailu)
  await auth.admin.set('user', address('ann@a.test'), { password: 'correct horse' }, 'test')
  expect((await imported(auth, mailu)).told.counts).toMatchObject({ user: { unchanged: 1 } })
  expect((await auth.secrets.passwords()).get(address('ann@a.test'))).not.toBe(sha512)
  expect((await imported(auth, mailu, { update: true })).told.counts).toMatchObject({ user: { modified: 1 } })
  expect((await auth.secrets.passwords()).get(address('ann@a.test'))).toBe(sha512)
})

test('a user in a domain that is not there stops it, and one in a domain that is here does not', async () => {
  const auth = await directory()
  const mailu = read({ ...base, user: [ann, mailuUser('eve@b.test', { password: sha512 })] })
  const stopped = await imported(auth, mailu)
  expect(stopped.kind).toBe('refused')
  expect(lines(stopped.told)).toEqual(['missing domain: user eve@b.test: b.test'])
  await auth.admin.add('domain', { name: 'b.test' as DomainName }, 'test')
  expect((await imported(auth, mailu)).kind).toBe('done')
})

test('what the directory refuses is told, and nothing is imported', async () => {
  const auth = await directory()
  await auth.admin.add(
    'domain',
    { name: 'here.test' as DomainName, alternatives: ['a.test' as DomainName] },
    'test',
  )
  const { kind, told } = await imported(auth, read(base))
  expect(kind).toBe('refused')
  expect(lines(told)).toContainEqual(expect.stringMatching(/^refused here: domain a\.test: a\.test exists/))
  expect(await auth.admin.users()).toEqual([])
})

test('what the directory would refuse is told together with what was found', async () => {
  const auth = await directory()
  const fetch = {
    user_email: 'ann@a.test',
    protocol: 'imap',
    host: 'no host',
    port: 993,
    username: 'u',
    password: 'p',
  }
  const mailu = read({
    ...base,
    user: [
      ann,
      mailuUser('Ann@a.test', { password: sha512 }),
      mailuUser('eve@gone.test', { password: sha512 }),
    ],
    fetch: [{ id: 1, ...fetch }],
  })
  const { kind, told } = await imported(auth, mailu)
  expect(kind).toBe('refused')
  expect(lines(told).map((line) => line.split(': ').slice(0, 2).join(': '))).toEqual([
    'two spellings: ann@a.test',
    'missing domain: user eve@gone.test',
    'refused here: fetch 1',
  ])
})

test.each([
  ['ann@a.test', true],
  ['ann+tag@a.test', true],
  ['ann@alt.test', true],
  ['team@a.test', true],
  ['sales-north@a.test', true],
  ['bob@a.test', false],
  ['bob@alt.test', false],
  ['bob@elsewhere.test', true],
])('an alias to %s finds somebody: %s', async (destination, finds) => {
  const auth = await directory()
  const mailu = read({
    ...base,
    alternative: [{ name: 'alt.test', domain_name: 'a.test' }],
    alias: [
      mailuAlias('team@a.test', 'ann@a.test'),
      mailuAlias('sales-%@a.test', 'ann@a.test', { wildcard: 1 }),
      mailuAlias('tested@a.test', destination),
    ],
  })
  const { told } = await imported(auth, mailu, { dryRun: true })
  expect(lines(told)).toEqual(finds ? [] : [`no such target: alias tested@a.test: ${destination}`])
})

const pem = () =>
  generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  }) as string

test('of several DKIM keys it is the one of our selector; another selector is told; another key here stops it', async () => {
  const auth = await directory()
  const [a, a2, b] = [pem(), pem(), pem()]
  const root = mailuForTest({ domain: [mailuDomain('a.test'), mailuDomain('b.test')], user: [ann] })
  writeFileSync(join(root.dkim, 'a.test.dkim.key'), a)
  writeFileSync(join(root.dkim, 'a.test.old.key'), a2)
  writeFileSync(join(root.dkim, 'b.test.k1.key'), b)
  const mailu = readForTest(root.root)
  const { told } = await imported(auth, mailu)
  expect(lines(told)).toEqual([
    'key of nobody: a.test.old.key: dkim is used',
    'selector: b.test: its key is published as k1._domainkey; set DKIM_SELECTOR=k1',
  ])
  expect(await auth.dkimKeys.read('a.test' as DomainName)).toBe(a)
  expect(await auth.dkimKeys.read('b.test' as DomainName)).toBe(b)
  await auth.dkimKeys.put('a.test' as DomainName, 'generate')
  const other = await imported(auth, mailu)
  expect(lines(other.told)).toContain('different here: DKIM key of a.test: another key')
  expect(other.kind).toBe('refused')
  expect((await imported(auth, mailu, { update: true })).kind).toBe('done')
  expect(await auth.dkimKeys.read('a.test' as DomainName)).toBe(a)
})

test('what strangers wrote steers no terminal, and of very much only the beginning is shown', async () => {
  const auth = await directory()
  const bad = Array.from({ length: 30 }, (_, at) => mailuUser(`\u001b[2J${at} x@a.test`))
  const { text, told } = await imported(auth, read({ ...base, user: [ann, ...bad] }))
  expect(text).not.toContain('\u001b')
  expect(text).toContain('and 10 more; --json lists them')
  expect(told.findings).toHaveLength(30)
})
