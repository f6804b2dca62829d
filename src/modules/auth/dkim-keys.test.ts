import { generateKeyPairSync } from 'node:crypto'
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { domainRow, startAuth, type TestAuth } from '../../../test/support/auth.ts'

const domain = domainRow('müller.example').name
const alternative = domainRow('alt.example').name
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const oldPem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()

let auth: TestAuth
beforeEach(async () => {
  auth = await startAuth()
  await auth.admin.add('domain', { name: domain, alternatives: [alternative] }, 'test')
})
afterEach(() => auth.end())
const folder = () => join(auth.dataDir, 'dkim')

test.each([
  ['as it is', pem],
  ['of the old form', oldPem],
  ['without its first and last line', pem.replace(/-----.*-----\n/g, '')],
  ['on one line', pem.replaceAll('\n', ' ')],
])('a key %s is kept in a file that only its owner reads, under Mailu’s name', async (_, text) => {
  expect(await auth.dkimKeys.put(domain, { pem: text })).toEqual({ kind: 'kept' })
  expect(readdirSync(folder())).toEqual(['müller.example.dkim.key'])
  expect(statSync(join(folder(), 'müller.example.dkim.key')).mode & 0o777).toBe(0o600)
  expect(await auth.dkimKeys.read(domain)).toBe(pem)
})

test('what is no key is refused, and the old one stays', async () => {
  await auth.dkimKeys.put(domain, { pem })
  expect(await auth.dkimKeys.put(domain, { pem: '<hidden>' })).toMatchObject({ kind: 'refused' })
  expect(await auth.dkimKeys.read(domain)).toBe(pem)
})

test('an alternative signs with its domain’s keys, a foreign domain with none', async () => {
  expect(await auth.dkimKeys.signing(domain)).toEqual([])
  await auth.dkimKeys.put(domain, 'generate')
  const key = await auth.dkimKeys.read(domain)
  expect(await auth.dkimKeys.signing(alternative)).toEqual([
    { domain: alternative, selector: 'dkim', pem: key },
    { domain: alternative, selector: 'dkim-ed25519', pem: expect.stringContaining('PRIVATE KEY') },
  ])
  expect(await auth.dkimKeys.signing(domainRow('else.example').name)).toEqual([])
})

describe('keys are replaced without a message that nobody can verify', () => {
  const stages = async () =>
    (await auth.dkimKeys.all(domain)).map(({ selector, stage }) => `${selector} ${stage}`)
  const signing = async () => (await auth.dkimKeys.signing(domain)).map(({ selector }) => selector)

  test('prepared, signing, retired, deleted', async () => {
    await auth.dkimKeys.put(domain, { pem })
    const [rsa, ed25519] = await auth.dkimKeys.prepare(domain)
    expect(await auth.dkimKeys.prepare(domain)).toEqual([rsa, ed25519])
    expect(rsa?.selector).toMatch(/^dkim-\d{8}$/)
    expect(ed25519?.selector).toBe(`${rsa?.selector}-ed25519`)
    expect(await signing()).toEqual(['dkim'])
    expect(await auth.dkimKeys.advance(domain)).toEqual({ kind: 'kept' })
    expect(await signing()).toEqual([rsa?.selector, ed25519?.selector])
    expect(await stages()).toContain('dkim retired')
    expect(await auth.dkimKeys.forget(domain)).toEqual(['dkim'])
    expect(await stages()).toEqual([`${rsa?.selector} signing`, `${ed25519?.selector} signing`])
  })

  test('several times on one day', async () => {
    await auth.dkimKeys.prepare(domain)
    await auth.dkimKeys.advance(domain)
    await auth.dkimKeys.prepare(domain)
    expect(await auth.dkimKeys.advance(domain)).toEqual({ kind: 'kept' })
    expect(await auth.dkimKeys.all(domain)).toHaveLength(4)
    expect(await signing()).toEqual([
      expect.stringMatching(/^dkim-\d{8}b$/),
      expect.stringMatching(/^dkim-\d{8}b-ed25519$/),
    ])
  })

  test('nothing signs before it is prepared', async () => {
    expect(await auth.dkimKeys.advance(domain)).toMatchObject({ kind: 'refused' })
  })

  test('a key that is put takes the place of its kind', async () => {
    await auth.dkimKeys.prepare(domain)
    await auth.dkimKeys.advance(domain)
    await auth.dkimKeys.put(domain, { pem })
    expect(await signing()).toEqual(['dkim', expect.stringMatching(/-ed25519$/)])
  })
})

test('keys are where DKIM_PATH says, also in a folder for each domain', async () => {
  const dkimPath = join(auth.dataDir, 'elsewhere', '{domain}', '{selector}.pem')
  const other = await startAuth({ settings: { dkimPath } })
  onTestFinished(() => other.end())
  await other.admin.add('domain', { name: domain, alternatives: [] }, 'test')
  await other.dkimKeys.put(domain, { pem })
  await other.dkimKeys.prepare(domain)
  const files = readdirSync(join(auth.dataDir, 'elsewhere', 'müller.example'))
  expect(files.map((file) => file.replace(/\d{8}/, 'DAY')).sort()).toEqual([
    'dkim-DAY-ed25519.pem.next',
    'dkim-DAY.pem.next',
    'dkim.pem',
  ])
  expect(await other.dkimKeys.all(domain)).toHaveLength(3)
})

test('a key under the name that DNS has is found as well', async () => {
  await auth.dkimKeys.put(domain, { pem })
  await auth.dkimKeys.remove(domain)
  writeFileSync(join(folder(), 'xn--mller-kva.example.dkim.key'), pem)
  expect(await auth.dkimKeys.read(domain)).toBe(pem)
})

test('the key goes with its domain: one of that name that comes later gets its own', async () => {
  await auth.dkimKeys.put(domain, { pem })
  await auth.admin.delete('domain', domain, 'test')
  expect(existsSync(join(folder(), 'müller.example.dkim.key'))).toBe(false)
})
