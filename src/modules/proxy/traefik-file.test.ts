import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { issue } from '../../../test/support/certificates.ts'
import { makeSelfSigned } from './self-signed.ts'
import type { KeyPair } from './tls-profile.ts'
import { readTraefik } from './traefik-file.ts'

async function fileWith(content: unknown): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'traefik-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const path = join(folder, 'acme.json')
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

const rsa = (name: string): KeyPair => {
  const { chain, keyPem } = issue(name, undefined)
  return { certificate: chain, key: keyPem }
}
const base64 = (text: string) => Buffer.from(text).toString('base64')
const modern = (pairs: readonly KeyPair[]) => ({
  letsencrypt: {
    Account: { Email: 'a@example.test' },
    Certificates: pairs.map(({ certificate, key }) => ({
      domain: { main: 'x' },
      certificate: base64(certificate),
      key: base64(key),
      Store: 'default',
    })),
  },
})

const old = (pairs: readonly KeyPair[]) => ({
  Account: {},
  Certificates: pairs.map(({ certificate, key }) => ({
    Domain: { Main: 'x' },
    Certificate: base64(certificate),
    Key: base64(key),
  })),
})

test.each([
  ['version 1', old],
  ['versions 2 and 3', modern],
])('the file of Traefik %s gives the certificate that has our name', async (_, written) => {
  const mail = rsa('mail.test')
  const path = await fileWith(written([rsa('shop.test'), mail, rsa('mta-sts.example.test')]))
  const reading = await readTraefik(path, ['mail.test'])
  expect(reading?.offers[0]).toEqual([mail])
  // Others are kept where this server answers to their name.
  expect(reading?.offers).toHaveLength(2)
})

test('RSA goes beside ECDSA, and the longest of each kind is taken', async () => {
  const ec = await makeSelfSigned(['mail.test'], Date.now())
  const { pem, keyPem } = issue('mail.test', undefined, { days: 5 })
  const later = rsa('mail.test')
  const path = await fileWith(modern([{ certificate: pem, key: keyPem }, ec, later]))
  expect((await readTraefik(path, ['mail.test']))?.offers[0]).toEqual([later, ec])
})

test.each([
  ['an empty file', ''],
  ['a file without ours', modern([])],
  ['a file with something else', { letsencrypt: { Certificates: null }, other: [1], x: 'y' }],
])('%s gives nothing', async (_, content) => {
  expect(await readTraefik(await fileWith(content), ['mail.test'])).toBeUndefined()
})

test('a missing file gives nothing', async () => {
  expect(await readTraefik('/nowhere/acme.json', ['mail.test'])).toBeUndefined()
})

test('a half-written file is no file', async () => {
  const whole = JSON.stringify(modern([rsa('mail.test')]))
  const path = await fileWith(whole.slice(0, whole.length / 2))
  await expect(readTraefik(path, ['mail.test'])).rejects.toThrow('is not whole')
})

test('one broken certificate spoils no other', async () => {
  const mail = rsa('mail.test')
  const broken = { certificate: mail.certificate, key: rsa('mail.test').key }
  const path = await fileWith(modern([broken, { certificate: 'x', key: 'y' }, mail]))
  expect((await readTraefik(path, ['mail.test']))?.offers[0]).toEqual([mail])
})
