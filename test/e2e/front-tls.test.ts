import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { makeSelfSigned } from '../../src/modules/proxy/self-signed.ts'
import { LineClient, open, secure, startFront } from './front-kit.ts'

const imaps = { name: 'imaps', tls: 'implicit' } as const

async function startTls(port: number, behind = '') {
  const client = await open(port)
  expect(await client.line()).toBe('hello')
  client.write(`STARTTLS\r\n${behind}`)
  expect(await client.line()).toBe('go ahead')
  client.stream.removeAllListeners()
  return secure({ socket: client.stream as Socket })
}

test('an implicit TLS listener is secured before the greeting, with a certificate for the host', async () => {
  const { port, protocol } = await startFront({ listeners: [imaps] })
  const tls = await secure({ port: port('imaps') }, { servername: 'mail.test' })
  const client = new LineClient(tls)
  expect(await client.line()).toBe('hello')
  expect(await client.ask('WHO')).toBe(`127.0.0.1 ${tls.localPort} TLSv1.3`)
  expect(tls.getPeerX509Certificate()?.checkHost('mail.test')).toBe('mail.test')
  expect(protocol.seen[0]?.tls).toMatchObject({ protocol: 'TLSv1.3', serverName: 'mail.test' })
  expect(protocol.seen[0]?.mayStartTls).toBe(false)
})

test('STARTTLS upgrades the connection it was asked on', async () => {
  const { port, protocol } = await startFront()
  const client = new LineClient(await startTls(port()))
  expect(await client.ask('WHO')).toMatch(/ TLSv1\.3$/)
  expect(protocol.seen[0]?.mayStartTls).toBe(true)
  expect(protocol.seen[0]?.tls).toBeUndefined()
})

test('what was sent in clear behind STARTTLS is never taken for the client’s secured words', async () => {
  const { port, protocol } = await startFront()
  const client = new LineClient(await startTls(port(), 'INJECTED\r\n'))
  expect(await client.ask('AFTER')).toBe('you said AFTER')
  expect(protocol.lines).toEqual(['STARTTLS', 'AFTER'])
})

test('clear text instead of a handshake ends the connection', async () => {
  const { port } = await startFront()
  const client = await open(port())
  await client.line()
  await client.ask('STARTTLS')
  client.write('EHLO still here\r\n')
  expect(await client.rest()).not.toContain('you said')
})

test.each([
  ['on implicit TLS', imaps],
  ['after STARTTLS', {}],
])('a handshake that never comes is not waited for %s', async (_when, listener) => {
  const { port, meter } = await startFront({
    listeners: [listener],
    settings: { limits: { handshakeMs: 30 } },
  })
  const client = await open('name' in listener ? port('imaps') : port())
  if (!('name' in listener)) {
    await client.line()
    await client.ask('STARTTLS')
  }
  await client.rest()
  await expect.poll(() => meter.render()).toContain('homepost_connections 0\n')
  expect(await meter.render()).toMatch(/tls_handshakes_total\{listener="\w+",outcome="failed"\} 1/)
})

test('without a certificate nobody is offered STARTTLS', async () => {
  const { port, protocol } = await startFront({ certificates: undefined })
  const client = await open(port())
  await client.line()
  expect(protocol.seen[0]?.mayStartTls).toBe(false)
  await expect(protocol.seen[0]?.startTls()).rejects.toThrow('STARTTLS is not offered')
})

test.each([
  ['TLSv1.2', 'imaps', true],
  ['TLSv1.1', 'imaps', false],
  ['TLSv1', 'imaps', false],
  ['TLSv1.1', 'smtp', true],
  ['TLSv1', 'smtp', true],
] as const)('%s on %s is taken: %s', async (maxVersion, name, taken) => {
  const { port } = await startFront({ listeners: [{ name, tls: 'implicit' }] })
  const choice = { maxVersion, minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' } as const
  const attempt = secure({ port: port(name) }, choice).then((tls) => tls.getProtocol())
  if (taken) await expect(attempt).resolves.toBe(maxVersion)
  else await expect(attempt).rejects.toThrow()
})

test('a session cannot be resumed by a ticket, and renegotiation is refused', async () => {
  const { port } = await startFront({ listeners: [imaps] })
  const tls = await secure({ port: port('imaps') }, { maxVersion: 'TLSv1.2' })
  expect(tls.getTLSTicket()).toBeUndefined()
  const client = new LineClient(tls)
  await client.line()
  const answer = await new Promise((resolve) => {
    tls.renegotiate({}, resolve)
    tls.once('error', resolve).once('close', () => resolve(new Error('closed')))
  })
  expect(answer).toBeInstanceOf(Error)
})

test.each([
  [['http/1.1', 'h2'], 'h2'],
  [['http/1.1'], 'http/1.1'],
])('HTTPS with whoever knows %j agrees on %s', async (ALPNProtocols, agreed) => {
  const web = { fetch: () => new Response('hi') }
  const { port } = await startFront({ listeners: [{ name: 'https', tls: 'implicit' }], web })
  expect((await secure({ port: port('https') }, { ALPNProtocols })).alpnProtocol).toBe(agreed)
})

test('a new certificate serves new connections and drops none', async () => {
  const { port, folder, events } = await startFront({ listeners: [imaps, {}] })
  const old = await secure({ port: port('imaps') })
  const oldClient = new LineClient(old)
  await oldClient.line()
  const upgradeLater = await open(port('smtp'))
  await upgradeLater.line()

  const pair = await makeSelfSigned(['renewed.test'], Date.now())
  await writeFile(join(folder, 'key.pem'), pair.key)
  await writeFile(join(folder, 'cert.pem'), pair.certificate)
  await vi.waitFor(
    () => expect(events().some(({ names }) => String(names).includes('renewed.test'))).toBe(true),
    { timeout: 20_000 },
  )

  expect(await oldClient.ask('WHO')).toMatch(/TLSv1\.3$/)
  const fresh = await secure({ port: port('imaps') })
  expect(fresh.getPeerX509Certificate()?.subject).toBe('CN=renewed.test')
  expect(await upgradeLater.ask('STARTTLS')).toBe('go ahead')
  upgradeLater.stream.removeAllListeners()
  const upgraded = await secure({ socket: upgradeLater.stream as Socket })
  expect(upgraded.getPeerX509Certificate()?.subject).toBe('CN=renewed.test')
})

test('a client that vanishes during the handshake leaves nothing behind', async () => {
  const { port, meter } = await startFront({ listeners: [imaps] })
  const socket = connect({ port: port('imaps'), host: '127.0.0.1' })
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  socket.write(Buffer.from('160301', 'hex'))
  socket.resetAndDestroy()
  await vi.waitFor(async () => {
    const text = await meter.render()
    expect(text).toContain('homepost_connections 0\n')
    expect(text).toContain('outcome="failed"} 1\n')
  }, 20_000)
})

test('a change of Traefik’s acme.json is taken up by itself, a half-written one is not', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'traefik-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const traefikFile = join(folder, 'acme.json')
  const write = async (name: string, part = 1) => {
    const { certificate, key } = await makeSelfSigned([name, 'mail.test'], Date.now())
    const base64 = (text: string) => Buffer.from(text).toString('base64')
    const entry = { domain: { main: name }, certificate: base64(certificate), key: base64(key) }
    const text = JSON.stringify({ le: { Certificates: [entry] } })
    await writeFile(traefikFile, text.slice(0, text.length * part))
  }
  await write('first.test')
  const { port, events } = await startFront({ listeners: [imaps], certificates: { traefikFile } })
  const subject = async () => (await secure({ port: port('imaps') })).getPeerX509Certificate()?.subject
  expect(await subject()).toBe('CN=first.test')
  await write('second.test', 0.5)
  await vi.waitFor(() => expect(events().some(({ event }) => event === 'certificate.unusable')).toBe(true), {
    timeout: 20_000,
  })
  expect(await subject()).toBe('CN=first.test')
  await write('third.test')
  await vi.waitFor(async () => expect(await subject()).toBe('CN=third.test'), { timeout: 20_000 })
})
