import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { createServer, type TLSSocket } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { issue } from '../support/certificates.ts'
import { sharedKey } from '../support/dns/internet.ts'
import { startFleet } from '../support/dns/servers.ts'
import { makeZone } from '../support/dns/zone.ts'
import { startMailInternet } from '../support/mail-internet.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { dataFolder } from './outgoing-kit.ts'

// The resolver of the composed server, for other programs on its port, and behind another resolver over TLS.

type Words = Readonly<Record<string, string>>

/** An internet with one signed and one forged zone: what a server needs to be told to live in it. */
async function internet(): Promise<Words> {
  const lines = (name: string) => [`www.${name}. 300 A 192.0.2.1`]
  const net = await startMailInternet({
    'good.test': { lines: lines('good.test'), key: sharedKey(13) },
    'forged.test': { lines: lines('forged.test'), key: sharedKey(13), parentSays: sharedKey(15) },
  })
  return net.env
}

async function start(env: Words): Promise<TestServer> {
  const server = await startServer({ env: { DNS_PORT: '53', ...env } })
  onTestFinished(async () => void (await server.stop()))
  return server
}

/** Where DNS_PORT is, the offset of the test's ports added. */
const dnsPort = ({ ports }: TestServer) => ports.smtp - 25 + 53

function asking(server: TestServer): Resolver {
  const resolver = new Resolver({ timeout: 5_000, tries: 1 })
  resolver.setServers([`127.0.0.1:${dnsPort(server)}`])
  return resolver
}

/** Speaks DNS over TLS, and asks that server. RFC 7858. */
async function overTls(server: TestServer, host: string, folder: string): Promise<number> {
  const { keyPem, pem } = issue(host, undefined)
  writeFileSync(join(folder, 'dot.pem'), pem)
  const open = new Set<TLSSocket>()
  const proxy = createServer({ key: keyPem, cert: pem }, (client) => {
    open.add(client)
    const behind = connect(dnsPort(server), '127.0.0.1')
    client.pipe(behind).pipe(client)
    client.on('error', () => behind.destroy())
    behind.on('error', () => client.destroy())
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  onTestFinished(() => {
    for (const client of open) client.destroy()
    proxy.close()
  })
  return (proxy.address() as AddressInfo).port
}

test('other programs ask it: what the world says, what the settings say, and nothing that is forged', async () => {
  const period = { from: 0, until: 0 }
  const zone = makeZone({
    name: 'corp.test',
    lines: ['corp.test. 300 NS ns.corp.test.', 'www.corp.test. 300 A 10.0.0.7'],
    period,
  })
  const inner = await startFleet([{ ip: '127.53.3.1', zones: [zone] }])
  onTestFinished(() => inner.stop())
  const server = await start({
    ...(await internet()),
    DNS_HOSTS: 'printer.home.arpa=192.168.1.9',
    DNS_ZONES: `corp.test=127.53.3.1@${inner.port}`,
    DNS_UNVALIDATED: 'corp.test',
  })
  const resolver = asking(server)
  expect(await resolver.resolve4('www.good.test')).toEqual(['192.0.2.1'])
  expect(await resolver.resolve4('printer.home.arpa')).toEqual(['192.168.1.9'])
  expect(await resolver.resolve4('www.corp.test')).toEqual(['10.0.0.7'])
  await expect(resolver.resolve4('www.forged.test')).rejects.toMatchObject({ code: 'ESERVFAIL' })
  await expect(resolver.resolve4('nothing.good.test')).rejects.toMatchObject({ code: 'ENOTFOUND' })
  // It was asked for before, and still the way is told.
  const { stdout } = await server.homepost(['dns', 'explain', 'www.forged.test', 'A'])
  expect(stdout).toMatch(/test +secure.*forged\.test +bogus/s)
}, 60_000)

test('who is not in DNS_NETWORKS is refused', async () => {
  const server = await start({ ...(await internet()), DNS_NETWORKS: '192.0.2.0/24' })
  await expect(asking(server).resolve4('www.good.test')).rejects.toMatchObject({ code: 'EREFUSED' })
}, 60_000)

test('behind another resolver, over TLS, it validates all the same; a certificate of another name is not asked', async () => {
  const world = await internet()
  const upstream = await start(world)
  const folder = dataFolder()
  const port = await overTls(upstream, 'dns.test', folder)
  const behind = async (name: string) =>
    start({
      DNS_TRUST_ANCHORS: world['DNS_TRUST_ANCHORS'] ?? '',
      DNS_RESOLVERS: `127.0.0.1@${port}#${name}`,
      NODE_EXTRA_CA_CERTS: join(folder, 'dot.pem'),
    })
  const right = asking(await behind('dns.test'))
  expect(await right.resolve4('www.good.test')).toEqual(['192.0.2.1'])
  await expect(right.resolve4('www.forged.test')).rejects.toMatchObject({ code: 'ESERVFAIL' })
  const wrong = asking(await behind('else.test'))
  await expect(wrong.resolve4('www.good.test')).rejects.toMatchObject({ code: 'ESERVFAIL' })
}, 90_000)
