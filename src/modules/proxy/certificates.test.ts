import { X509Certificate } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { plainCertificates } from '../../../test/support/own-certificates.ts'
import { systemClock } from '../../platform/clock.ts'
import { createLog } from '../../platform/log.ts'
import { Certificates } from './certificates.ts'
import { makeSelfSigned } from './self-signed.ts'

const day = 24 * 3600 * 1000

async function folderOf() {
  const folder = await mkdtemp(join(tmpdir(), 'certs-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

async function certificatesIn(folder: string, { names = ['mail.test'], now = Date.now() } = {}) {
  const lines: string[] = []
  const log = createLog({ level: 'info', pretty: false, out: { write: (line) => void lines.push(line) } })
  const settings = { ...plainCertificates, folder, names }
  const certificates = new Certificates(settings, undefined, { ...systemClock, now: () => now }, log)
  await certificates.start()
  onTestFinished(() => certificates.stop())
  const events = () => lines.map((line) => JSON.parse(line) as Record<string, string>)
  return { certificates, events, last: () => events().at(-1) }
}

const contextOf = ({ shelf }: Certificates) => shelf.context({ profile: 'intermediate', chain: 'as given' })

async function put(folder: string, name: string) {
  const pair = await makeSelfSigned([name], Date.now())
  await writeFile(join(folder, 'key.pem'), pair.key)
  await writeFile(join(folder, 'cert.pem'), pair.certificate)
}

test('makes a self-signed certificate where there is none, readable by its owner alone', async () => {
  const folder = await folderOf()
  const { certificates, last } = await certificatesIn(folder)
  expect((await readdir(folder)).toSorted()).toEqual(['self-signed.cert.pem', 'self-signed.key.pem'])
  expect((await stat(join(folder, 'self-signed.key.pem'))).mode & 0o777).toBe(0o600)
  expect(last()).toMatchObject({ event: 'certificate.serves', source: 'self-signed' })
  expect(contextOf(certificates)).toBeDefined()
})

test('keeps its self-signed certificate over a restart', async () => {
  const folder = await folderOf()
  const read = () => readFile(join(folder, 'self-signed.cert.pem'), 'utf8')
  await certificatesIn(folder)
  const first = await read()
  await certificatesIn(folder)
  expect(await read()).toBe(first)
})

test.each([
  ['when it is about to end', { now: Date.now() + 800 * day }],
  ['when the server got another name', { names: ['mail.test', 'mx.test'] }],
])('makes a new self-signed certificate %s', async (_when, later) => {
  const folder = await folderOf()
  const read = () => readFile(join(folder, 'self-signed.cert.pem'), 'utf8')
  await certificatesIn(folder)
  const first = await read()
  const { events } = await certificatesIn(folder, later)
  expect(await read()).not.toBe(first)
  expect(events().map(({ event }) => event)).toEqual(['certificate.serves'])
})

test('makes a new self-signed certificate when a file of it is cut off', async () => {
  const folder = await folderOf()
  await certificatesIn(folder)
  await writeFile(join(folder, 'self-signed.key.pem'), '')
  await certificatesIn(folder)
  expect(await readFile(join(folder, 'self-signed.key.pem'), 'utf8')).toContain('PRIVATE KEY')
})

test('the files of the settings win, and a self-signed one is not even made', async () => {
  const folder = await folderOf()
  await put(folder, 'given.test')
  const { last } = await certificatesIn(folder)
  expect(last()).toMatchObject({ source: 'files', names: expect.stringContaining('given.test') as string })
  expect((await readdir(folder)).toSorted()).toEqual(['cert.pem', 'key.pem'])
})

test('files that appear later are taken up without being told', async () => {
  const folder = await folderOf()
  const { last } = await certificatesIn(folder)
  await put(folder, 'later.test')
  await vi.waitFor(() => expect(last()?.['names']).toContain('later.test'), { timeout: 20_000 })
})

test('a broken new pair leaves the old one serving, and is told once', async () => {
  const folder = await folderOf()
  await put(folder, 'good.test')
  const { certificates, events, last } = await certificatesIn(folder)
  const before = contextOf(certificates)
  await writeFile(join(folder, 'key.pem'), (await makeSelfSigned(['other.test'], Date.now())).key)
  await certificates.look()
  await certificates.look()
  expect(contextOf(certificates)).toBe(before)
  expect(events().filter(({ event }) => event === 'certificate.unusable')).toHaveLength(1)
  expect(last()).toMatchObject({ serving: 'the certificate of before' })
})

test('files that disappear leave the old pair serving', async () => {
  const folder = await folderOf()
  await put(folder, 'good.test')
  const { certificates } = await certificatesIn(folder)
  const before = contextOf(certificates)
  await rm(join(folder, 'cert.pem'))
  await certificates.look()
  expect(contextOf(certificates)).toBe(before)
})

test('broken files at start do not keep the server from starting', async () => {
  const folder = await folderOf()
  await writeFile(join(folder, 'cert.pem'), 'nonsense')
  await writeFile(join(folder, 'key.pem'), 'nonsense')
  const { events } = await certificatesIn(folder)
  expect(events().map(({ event, serving, source }) => [event, serving ?? source])).toEqual([
    ['certificate.unusable', 'a self-signed certificate'],
    ['certificate.serves', 'self-signed'],
  ])
})

test('the end of a certificate is known, and told when it is near', async () => {
  const folder = await folderOf()
  await put(folder, 'good.test')
  const { certificates, events } = await certificatesIn(folder, { now: Date.now() + 820 * day })
  await certificates.look()
  const pem = await readFile(join(folder, 'cert.pem'), 'utf8')
  expect(certificates.expiresAt()).toBe(Date.parse(new X509Certificate(pem).validTo))
  expect(events().filter(({ event }) => event === 'certificate.expires')).toHaveLength(1)
})
