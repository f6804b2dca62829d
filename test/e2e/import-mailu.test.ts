import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { ImapFlow } from 'imapflow'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  buildMailu,
  type MailuContent,
  type MailuRoot,
  mailuAlias,
  mailuDomain,
  mailuUser,
} from '../support/mailu.ts'
import { type Ran, runHomepost, startServer, type TestServer } from '../support/server.ts'

/** Of everybody; made with passlib 1.7.4 as Mailu makes them, and argon2 with its reference library. */
const password = 'Grüße, 50 % von "äll\\em"'
const schemes: readonly (readonly [scheme: string, hash: string])[] = [
  ['bcrypt_sha256', '$bcrypt-sha256$v=2,t=2b,r=12$sxF2mESVGi0h1Nm8WBub2O$V8Q3mxT.VJS6IzHwkTLBW3T1kZciOaO'],
  ['bcrypt_sha256_v1', '$bcrypt-sha256$2b,6$YYb4TtEt3wCgQkkre6MjvO$7ss/9/cOwzOPhOp8j5/8B0pbqpH.TqO'],
  ['bcrypt_2a', '$2a$06$CcnM3vDMkk/KcOCgcKGoBu4DfVvoDn3MhyqKTiWTgCWf9yrrH7Dwu'],
  ['bcrypt_2b', '$2b$06$0KMBVFTlKdyYPiKVoFpxJOKaJeotfmolSnyNuY/51N8J7SmH/1zLa'],
  ['bcrypt_2y', '$2y$06$5ThpEO01hQUug9k8LASENeeGdy5mZaiSYy6com00Krg7dpXbsbVpa'],
  [
    'sha512_crypt',
    '$6$rounds=50000$aKam6A8iaCSAokUd$8gudNgQ9l8xQzm2m1r.LeGzCBuOS0TZnehA3kavlSo8ls/xS6sct9Ba.9jsFeYmcyEijlTNwh47nHpuAavyJs/',
  ],
  ['sha256_crypt', '$5$rounds=50000$EzJXX1UVAqsLleRC$6yjmaohhHMQmoyU8F97TJLIJpZJVliOAdMQQjLZUOYC'],
  ['md5_crypt', '$1$Rn2IWNOq$2rFSeLqcbRiuLT8kWIyjU1'],
  ['apr_md5_crypt', '$apr1$ZoGOk07q$7x0M.WTdUWPHH08UnTLKh.'],
  ['pbkdf2_sha1', '$pbkdf2$131000$r1Wq9X7vXSsFoHRuzVnLmQ$wooGS55XedlSVpMPeuFbX/jq.H8'],
  [
    'pbkdf2_sha256',
    '$pbkdf2-sha256$29000$6703Zuy917p3zhkDQCilNA$zip0IPVKUvGvucb5zZJO3GVsAcNFXp6czWwj6/tFAkk',
  ],
  [
    'pbkdf2_sha512',
    '$pbkdf2-sha512$25000$DYGQck7JubeWkrJW6j0HAA$/MaOtHyIhy2BBGd4KXab/0q80hKbRQiRSwPJP/XelEdPxxXPBKZ7hzAIXEi3nueuyfNKV5fP8BcaxERSzEItLw',
  ],
  ['des_crypt', '5.ka0594t3KIQ'],
  ['bsdi_crypt', '_dD..k4A4b8sNuI588tU'],
  ['sun_md5_crypt', '$md5,rounds=100$cR6dt1Xs$$dweNt9sNV98wFx0hpdIeN/'],
  ['sha1_crypt', '$sha1$5000$TaVXxU5p$/qCc5Ina8POpWhVTKtdGOOQ5UO3p'],
  ['phpass', '$P$7W0ZE2g1C0iCl9etePyR.nXizp0qku1'],
  ['ldap_salted_sha1', '{SSHA}cD5tIpXq0EYcab05g5sKVcUEGVbsHYNQ'],
  [
    'ldap_salted_sha512',
    '{SSHA512}dxRj5I6HpLF0JKKba3X8at060uM99u8LS9LjOVzZZKDQpr5BoOegT9A2HUZ0rAR3jdJB8RT4PZPrGmhNawnqEVLK+Z+zlrLW',
  ],
  ['ldap_sha1', '{SHA}y67YsXQifhvaFbOQBSXKHy1gQuM='],
  [
    'mark_sha512',
    '{SHA512-CRYPT}$6$suWfHbY9Dk0y9mvh$Ne25YKiCuI.HcN.IzfmDSBY3//3V0/QDVy6zQDxHL78Raa.7QhlqGkyfvW5DYktf0sM1VdS.FeyId.V8wMP13.',
  ],
  ['mark_blf', '{BLF-CRYPT}$2y$06$0OUOr6DZbo8vDo2boRfKAe/0qMLeoV54.Z0wrq/pIVruyliY50QsG'],
  ['mark_crypt', '{CRYPT}oBpDx6N/m1djM'],
  ['mark_md5', '{MD5-CRYPT}$1$SpPiUmsX$vGZhtkYZL9bf9wgjQqWF0.'],
  ['mark_sha256', '{SHA256-CRYPT}$5$RHdjlfsOZpWuabUZ$W.dFXUxeHaDgRQmnC6zUvHjUGMN7glPO2u0ENvbqh5C'],
  [
    'mark_pbkdf2',
    '{PBKDF2}$pbkdf2-sha512$5000$DoGwlpKy9l7LOaf0/l9LaQ$jI3YETtrJwcUATwag1KgmCbQJozFSXdurqkW5.brGx8cDKVRDVB5iLsYYtiEIjjg.dZ.AKaMkrmq7Tg6NvWE1Q',
  ],
  [
    'argon2',
    '$argon2id$v=19$m=1024,p=1,t=2$qIAZQXTebUD5jHMiaCdyWQ$e4pUb4dNnCwpAhRN8e37bwWnnkyPd19GLmtnSNIVpoU',
  ],
]
const token = '0123456789abcdef0123456789abcdef'
const oldToken = 'fedcba9876543210fedcba9876543210'
const tokenHash = '$pbkdf2-sha256$1$.r83RgghZIwxJsRYK0XoHQ$oj/BEreqoILvq9.CjMTyT3kTGLKd0FQ0/h64iyJ/X84'
const oldTokenHash = '$5$rounds=1000$mwdowD294dxc.7jT$8fZ/xtrnjBX3wJ6uDSJ7Q5RxOZDY/l6rimnYd7.ViN3'

const domain = 'xn--bro-hoa.example'
const addressOf = (scheme: string) => `${scheme.replaceAll('_', '-')}@${domain}`

const content: MailuContent = {
  domain: [
    mailuDomain(domain, { max_users: 3, comment: 'our office' }),
    mailuDomain('office.example', { created_at: '2018-05-06' }),
  ],
  alternative: [{ name: 'buero.example', domain_name: domain }],
  relay: [{ name: 'branch.example', smtp: null }],
  user: [
    ...schemes.map(([scheme, hash]) => mailuUser(addressOf(scheme), { password: hash })),
    mailuUser('ann@office.example', {
      ...{
        password: '$scrypt$ln=16,r=8,p=1$c2FsdA$a2V5',
        quota_bytes: 2_000_000_000,
        created_at: '2019-02-28',
      },
      ...{ forward_enabled: 1, forward_destination: 'z@example.org,a@example.org', comment: 'first' },
    }),
    mailuUser('off@office.example', { password: schemes[0]?.[1] ?? '', enabled: 0 }),
  ],
  alias: [
    mailuAlias('%@office.example', 'ann@office.example', { wildcard: 1 }),
    mailuAlias(`sales@${domain}`, `gone@${domain},off@office.example`, { disabled: 1 }),
    mailuAlias('shop.x7@office.example', 'ann@office.example', {
      owner_email: 'ann@office.example',
      hostname: 'shop',
    }),
  ],
  token: [
    { id: 7, user_email: addressOf('sha512_crypt'), password: tokenHash, comment: 'phone' },
    { id: 9, user_email: addressOf('sha512_crypt'), password: oldTokenHash, ip: '127.0.0.0/8,192.0.2.7' },
    { id: 11, user_email: addressOf('sha256_crypt'), password: tokenHash, ip: '192.0.2.0/24' },
    { id: 12, user_email: 'gone@office.example', password: tokenHash },
  ],
  fetch: [
    {
      ...{
        id: 3,
        user_email: 'ann@office.example',
        protocol: 'imap',
        host: 'imap.example.org',
        port: 993,
        tls: 1,
      },
      ...{ username: 'ann', password: 'clear text', keep: 1, folders: 'INBOX,Junk' },
    },
  ],
  manager: [{ domain_name: 'office.example', user_email: addressOf('md5_crypt') }],
  domain_access: [{ id: 1, domain_name: domain, user_email: 'ann@office.example' }],
}

const folder = mkdtempSync(join(tmpdir(), 'homepost-import-test-'))
const dkimKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
let server: TestServer
let mailu: MailuRoot
beforeAll(async () => {
  server = await startServer()
  mailu = buildMailu(content)
  writeFileSync(join(mailu.dkim, 'büro.example.dkim.key'), dkimKey.export({ type: 'pkcs1', format: 'pem' }))
  const home = join(mailu.root, 'mail', 'ann@office.example')
  mkdirSync(join(home, 'sieve'), { recursive: true })
  writeFileSync(join(home, 'sieve', 'Büro.sieve'), 'keep; # ☃')
  symlinkSync('sieve/Büro.sieve', join(home, '.dovecot.sieve'))
})
afterAll(async () => {
  await server.stop()
  mailu.remove()
  rmSync(folder, { recursive: true, force: true })
})

type Homepost = (args: string[]) => Promise<Ran>
const json = async <T>(homepost: Homepost, args: string[]) => {
  const { stdout } = await homepost([...args, '--json'])
  return JSON.parse(stdout) as T
}
const importing = (path: string, ...more: string[]) => ['import', 'mailu', '--directory', path, ...more]

/** Everything that anybody can see of a directory. */
async function seen(homepost: Homepost): Promise<unknown[]> {
  const lists = ['domain', 'relay', 'user', 'alias'].map((what) => json(homepost, [what, 'list']))
  return Promise.all(lists)
}

async function signIn(user: string, pass: string): Promise<'in' | 'out'> {
  const client = new ImapFlow({
    host: '127.0.0.1',
    port: server.ports.imaps,
    secure: true,
    auth: { user, pass },
    tls: { rejectUnauthorized: false },
    logger: false,
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.logout()
    return 'in'
  } catch (cause) {
    if ((cause as { authenticationFailed?: boolean }).authenticationFailed) return 'out'
    throw cause
  }
}

const stopped = { PATH: process.env['PATH'] ?? '', DATA_DIR: join(folder, 'data'), DOMAIN: 'example.test' }
mkdirSync(stopped.DATA_DIR)
const places: readonly (readonly [string, Homepost, () => string])[] = [
  ['a running server', (args) => server.homepost(args), () => server.dataDir],
  ['a stopped server', (args) => runHomepost(args, stopped), () => stopped.DATA_DIR],
]

describe.each(places)('on %s', (_, homepost, dataDir) => {
  test('names that differ only by case stop it: both spellings are told and nothing changes', async () => {
    const before = await seen(homepost)
    const twice = buildMailu({
      ...content,
      user: [
        mailuUser('ann@office.example'),
        mailuUser('Ann@office.example'),
        mailuUser('off@office.example'),
      ],
      relay: [{ name: 'OFFICE.example', smtp: 'example.org' }],
    })
    const { code, stderr } = await homepost(importing(twice.root))
    twice.remove()
    expect(stderr).toContain('user ann@office.example and user Ann@office.example')
    expect(stderr).toContain('domain office.example and relay OFFICE.example')
    expect(code).toBe(1)
    expect(await seen(homepost)).toEqual(before)
  })

  test('a dry run tells what would be done and does nothing', async () => {
    const before = await seen(homepost)
    const { code, stdout } = await homepost(importing(mailu.root, '--dry-run'))
    expect(stdout).toContain(`new user ${addressOf('des_crypt')}`)
    expect(stdout).toContain('nothing was changed')
    expect(code).toBe(0)
    expect(await seen(homepost)).toEqual(before)
  })

  test('everything is imported, and what needs somebody is told', async () => {
    const stamp = statSync(mailu.database).mtimeMs
    const done = await json<{ imported: boolean; counts: unknown; findings: { what: string; on: string }[] }>(
      homepost,
      importing(mailu.root),
    )
    expect(done.imported).toBe(true)
    expect(done.counts).toMatchObject({
      domain: { created: 2, modified: 0, unchanged: 0 },
      relay: { created: 1 },
      user: { created: schemes.length + 2 },
      alias: { created: 3 },
      token: { created: 3 },
      fetch: { created: 1 },
      manager: { created: 1 },
      access: { created: 1 },
      dkim: { created: 1 },
      scripts: { created: 1 },
    })
    expect(await json(homepost, ['sieve', 'show', 'ann@office.example'])).toEqual({
      name: 'Büro',
      text: 'keep; # ☃',
    })
    expect(done.findings.map(({ what, on }) => `${what}: ${on}`).sort()).toEqual([
      `new password needed: user ann@office.example`,
      'no postmaster: postmaster@example.test',
      `no such target: alias sales@${domain}`,
      'owner missing: token 12',
      'relay by MX: relay branch.example',
    ])
    expect(statSync(mailu.database).mtimeMs).toBe(stamp)

    expect(await json(homepost, ['user', 'show', 'ann@office.example'])).toMatchObject({
      quotaBytes: 2e9,
      forwardDestination: ['a@example.org', 'z@example.org'],
      comment: 'first',
      createdAt: Date.UTC(2019, 1, 28),
    })
    expect(await json(homepost, ['domain', 'show', domain])).toMatchObject({
      maxUsers: 3,
      alternatives: ['buero.example'],
    })
    expect(await json(homepost, ['alias', 'show', 'shop.x7@office.example'])).toMatchObject({
      owner: 'ann@office.example',
      hostname: 'shop',
    })
    expect(readFileSync(join(dataDir(), 'dkim', 'büro.example.dkim.key'), 'utf8')).toBe(
      dkimKey.export({ type: 'pkcs8', format: 'pem' }),
    )
  })

  test('a second import changes nothing', async () => {
    const before = await seen(homepost)
    const { counts } = await json<{ counts: Record<string, object> }>(homepost, importing(mailu.root))
    for (const count of Object.values(counts)) expect(count).toMatchObject({ created: 0, modified: 0 })
    const updated = await json<{ counts: Record<string, object> }>(
      homepost,
      importing(mailu.root, '--update'),
    )
    for (const count of Object.values(updated.counts))
      expect(count).toMatchObject({ created: 0, modified: 0 })
    expect(await seen(homepost)).toEqual(before)
  })

  test('what differs stops it with a list, until an update is asked for', async () => {
    expect((await homepost(['user', 'set', 'ann@office.example', '--comment', 'changed here'])).code).toBe(0)
    const { code, stderr } = await homepost(importing(mailu.root))
    expect(stderr).toContain('user ann@office.example: comment')
    expect(stderr).toContain('--update')
    expect(code).toBe(1)
    expect(await json(homepost, ['user', 'show', 'ann@office.example'])).toMatchObject({
      comment: 'changed here',
    })
    expect((await homepost(importing(mailu.root, '--update'))).code).toBe(0)
    expect(await json(homepost, ['user', 'show', 'ann@office.example'])).toMatchObject({ comment: 'first' })
  })

  test('an old Mailu is imported too', async () => {
    const old = buildMailu(
      {
        domain: [{ name: 'Old.Example', max_users: 0, max_aliases: 0 }],
        user: [mailuUser('Otto@Old.example', { password: schemes[0]?.[1] ?? '', spam_threshold: 12 })],
      },
      { shape: 'ff0417f4318f' },
    )
    expect((await homepost(importing(old.root))).code).toBe(0)
    old.remove()
    expect(await json(homepost, ['domain', 'show', 'old.example'])).toMatchObject({ maxUsers: -1 })
    expect(await json(homepost, ['user', 'show', 'otto@old.example'])).toMatchObject({
      spamThreshold: 80,
      enabled: true,
    })
  })

  test('no Mailu, a damaged one and a foreign database each have their exit code', async () => {
    expect(await homepost(importing(join(folder, 'nothing')))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('There is no Mailu'),
    })
    const damaged = join(folder, 'main.db')
    writeFileSync(damaged, readFileSync(mailu.database).subarray(0, 20_000))
    expect(await homepost(importing(damaged))).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('cannot be read'),
    })
    rmSync(damaged)
    const foreign = new Sqlite(damaged)
    foreign.exec('CREATE TABLE message (id INTEGER)')
    foreign.close()
    expect(await homepost(importing(folder))).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("is not Mailu's"),
    })
    rmSync(damaged)
    expect((await homepost(['import', 'mailu'])).code).toBe(2)
  })
})

describe('people sign in over IMAP with what they had in Mailu', () => {
  test.each(schemes)('a password in %s', async (scheme) => {
    expect(await signIn(addressOf(scheme), 'Grusse')).toBe('out')
    expect(await signIn(addressOf(scheme), password)).toBe('in')
    // By now its hash is one of ours.
    expect(await signIn(addressOf(scheme), password)).toBe('in')
  })

  test('app tokens, from the networks they are for', async () => {
    expect(await signIn(addressOf('sha512_crypt'), token)).toBe('in')
    expect(await signIn(addressOf('sha512_crypt'), oldToken)).toBe('in')
    expect(await signIn(addressOf('sha256_crypt'), oldToken)).toBe('out')
    expect(await signIn(addressOf('sha256_crypt'), token)).toBe('out')
  })

  test('nobody who is switched off, or whose password cannot be checked', async () => {
    expect(await signIn('off@office.example', password)).toBe('out')
    expect(await signIn('ann@office.example', password)).toBe('out')
  })

  test('and an import after that leaves the new hashes alone', async () => {
    const { counts } = await json<{ counts: Record<string, object> }>(
      (args) => server.homepost(args),
      importing(mailu.root),
    )
    expect(counts['user']).toEqual({ created: 0, modified: 0, unchanged: schemes.length + 2 })
    expect(await signIn(addressOf('bcrypt_sha256'), password)).toBe('in')
  })
})
