import { once } from 'node:events'
import { createServer } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { issue } from '../../../test/support/certificates.ts'
import { systemClock } from '../../platform/clock.ts'
import { handshake } from './handshake.ts'
import { makeSelfSigned } from './self-signed.ts'
import { type Offer, Shelf, type Showing } from './shelf.ts'

const usual: Showing = { profile: 'intermediate', chain: 'as given' }

const shelfOf = (offers: readonly [Offer, ...Offer[]], roots: readonly string[] = []) =>
  new Shelf({ source: 'files', offers, roots, leavesOutRoots: false })

const rsa = (name: string) => {
  const { pem, keyPem } = issue(name, undefined)
  return { certificate: pem, key: keyPem }
}

/** The names that a client is shown, and how many certificates lead up from it. */
async function shown(shelf: Shelf, showing: Showing, options: ConnectionOptions = {}) {
  const server = createServer((socket) => {
    handshake(socket, {
      context: shelf.context(showing),
      contextFor: (name) => shelf.context(showing, name),
      alpn: undefined,
      clock: systemClock,
      ms: 10_000,
    }).catch(() => undefined) // the client has seen enough, and leaves
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as { port: number }
  const tls = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options })
  await once(tls, 'secureConnect')
  const certificate = tls.getPeerX509Certificate()
  let chain = 0
  for (let at = certificate; at !== undefined; at = at.issuerCertificate) chain += 1
  tls.destroy()
  return { names: certificate?.subjectAltName, key: certificate?.publicKey.asymmetricKeyType, chain }
}

test('who asks for a name gets its certificate, everybody else the first', async () => {
  const shelf = shelfOf([[rsa('mail.test')], [rsa('mta-sts.test')], [rsa('*.wild.test')]])
  const ask = async (servername?: string) =>
    (await shown(shelf, usual, servername === undefined ? {} : { servername })).names
  expect(await ask('MTA-STS.test')).toBe('DNS:mta-sts.test')
  expect(await ask('any.wild.test')).toBe('DNS:*.wild.test')
  expect(await ask('deep.any.wild.test')).toBe('DNS:mail.test')
  expect(await ask('unknown.test')).toBe('DNS:mail.test')
  expect(await ask()).toBe('DNS:mail.test')
})

test('ECDSA is shown to who can read it, RSA to who cannot', async () => {
  const shelf = shelfOf([[await makeSelfSigned(['mail.test'], Date.now()), rsa('mail.test')]])
  expect((await shown(shelf, usual)).key).toBe('ec')
  const old = { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' } as const
  expect((await shown(shelf, usual, old)).key).toBe('rsa')
})

test('a mail server shows the root, too, where that is known', async () => {
  const root = issue('Root', undefined, { ca: true })
  const own = issue('mail.test', root)
  const shelf = shelfOf([[{ certificate: own.pem, key: own.keyPem }]], [root.pem])
  expect((await shown(shelf, usual)).chain).toBe(1)
  expect((await shown(shelf, { ...usual, chain: 'complete' })).chain).toBe(2)
})

test('a key of another certificate is refused', () => {
  const pair = { certificate: rsa('mail.test').certificate, key: rsa('mail.test').key }
  expect(() => shelfOf([[pair]])).toThrow('the private key belongs to another certificate')
})
