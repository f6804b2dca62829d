import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { startServer, type TestServer } from '../support/server.ts'

async function start(env: Readonly<Record<string, string>> = {}): Promise<TestServer> {
  const server = await startServer({ env })
  onTestFinished(async () => void (await server.stop()))
  return server
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket.destroy() !== undefined))
    socket.on('error', () => resolve(false))
  })
}

/** Nobody is there. */
const away = { ACME_DIRECTORY: 'https://127.0.0.1:9/directory' }

test('what serves is shown, and without an authority there is nothing to renew', async () => {
  const server = await start()
  const { stdout } = await server.homepost(['certificates', 'status'])
  expect(stdout).toContain('self-signed')
  expect(stdout).toContain('mail.example.test')
  const renewed = await server.homepost(['certificates', 'renew'])
  expect(renewed.code).toBe(1)
  expect(renewed.stderr).toContain('TLS_FLAVOR=letsencrypt')
})

test('an authority that cannot be reached is told of, with what to do, and every port serves all the same', async () => {
  const server = await start({ TLS_FLAVOR: 'letsencrypt', ...away })
  const { code, stderr } = await server.homepost(['certificates', 'renew'])
  expect(code).toBe(1)
  expect(stderr).toContain('The authority at https://127.0.0.1:9/directory cannot be asked')
  expect(stderr).toContain('What to do: check that this machine reaches it')
  expect(await isOpen(server.ports.https)).toBe(true)
  const plain = await fetch(`http://127.0.0.1:${server.ports.http}/`, { redirect: 'manual' })
  expect(plain.status).toBe(301)
  const proof = `http://127.0.0.1:${server.ports.http}/.well-known/acme-challenge/unknown`
  expect((await fetch(proof, { redirect: 'manual' })).status).toBe(301)
  const { stdout } = await server.homepost(['certificates', 'status', '--json'])
  const status = JSON.parse(stdout) as { source: string; troubles: { nextTry: number }[] }
  expect(status.source).toBe('self-signed')
  expect(status.troubles).toHaveLength(1)
  expect(status.troubles[0]?.nextTry).toBeGreaterThan(Date.now())
})

test.each([
  ['cert', { imaps: true, https: true, site: 301 }],
  ['letsencrypt', { imaps: true, https: true, site: 301 }],
  ['mail', { imaps: true, https: false, site: 200 }],
  ['mail-letsencrypt', { imaps: true, https: false, site: 200 }],
  ['notls', { imaps: false, https: false, site: 200 }],
])('TLS_FLAVOR=%s opens the ports that Mailu opens', async (flavor, expected) => {
  const server = await start({ TLS_FLAVOR: flavor, ...away })
  const [imaps, https] = await Promise.all([isOpen(server.ports.imaps), isOpen(server.ports.https)])
  const site = await fetch(`http://127.0.0.1:${server.ports.http}/`, { redirect: 'manual' })
  expect({ imaps, https, site: site.status }).toEqual(expected)
})
